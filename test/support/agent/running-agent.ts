import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { heapLimits } from '../../../src/model/keel-agent/agent-program.ts'
import { validFor } from '../keel/valid-output.ts'
import { until } from '../until.ts'
import { agentBundle } from './agent-bundle.ts'
import type { Pem } from './test-ca.ts'

export interface Reply {
  readonly status: number
  readonly body: string
}

interface Files {
  readonly first?: Pem
  readonly operational?: Pem
  readonly clientCa?: string
}

/** The keel-agent as its unit starts it, on a port that the system chose, with its files in a folder of the test. */
export class RunningAgent {
  readonly folder = mkdtempSync(join(tmpdir(), 'keel-agent-'))
  readonly port: number
  #child: ChildProcess | undefined
  #log = ''

  constructor(port: number) {
    this.port = port
  }

  get log(): string {
    return this.#log
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  put({ first, operational, clientCa }: Files): void {
    for (const [name, pem] of Object.entries({ first, operational })) {
      if (pem === undefined) continue
      writeFileSync(this.path(`${name}.key`), pem.key, { mode: 0o600 })
      writeFileSync(this.path(`${name}.pem`), pem.cert)
    }
    if (clientCa !== undefined) writeFileSync(this.path('ca.crt'), clientCa)
  }

  async start(changes: object = {}, env: Readonly<Record<string, string>> = {}): Promise<void> {
    const pair = (name: string) => ({ certificate: this.path(`${name}.pem`), key: this.path(`${name}.key`) })
    const configuration = {
      version: 1,
      kubernetes: { kubeconfig: this.path('kubeconfig') },
      operational: pair('operational'),
      first: pair('first'),
      clients: { ca: this.path('ca.crt') },
      listen: { port: this.port },
      log: { level: 'debug' },
      ...changes,
    }
    writeFileSync(this.path('agent.json'), JSON.stringify(configuration))
    const child = spawn(
      process.execPath,
      // with a JIT: beside labs, an agent without one takes seconds for a flood of a thousand connections
      [...heapLimits, await agentBundle(), '--config', this.path('agent.json')],
      {
        env: { NODE_NAME: 'maia', ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
    this.#child = child
    child.stderr?.on('data', (bytes: Buffer) => {
      this.#log += bytes.toString()
    })
    await until('the agent listens', () => this.#log.includes('listens on port') || child.exitCode !== null)
  }

  /** Ends it as systemd does. @returns its exit code */
  async stop(): Promise<number | null> {
    const child = this.#child
    if (child === undefined) return null
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    return child.exitCode
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true })
  }

  /** @throws Error of TLS or the connection */
  get(path: string, client: Pem | undefined, ca: string, options: object = {}): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const asked = request(
        { host: 'localhost', port: this.port, path, ca, ...client, agent: false, ...options },
        (response) => {
          let body = ''
          response.setEncoding('utf8')
          response.on('data', (text: string) => {
            body += text
          })
          response.on('error', reject)
          response.on('end', () => resolve(checked(path, { status: response.statusCode ?? 0, body })))
        },
      )
      asked.on('error', reject)
      asked.end()
    })
  }

  /** Bytes of memory that it has. */
  resident(): number {
    const [, kilobytes] = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) * 1024
  }
}

/** Every answer of a test is held against its schema. */
function checked(path: string, reply: Reply): Reply {
  const [, name] = /^\/v1\/(health|ready|node|certificates|services|kubernetes|generation|drift)$/.exec(path) ?? []
  // lines, each of which its test checks
  if (/^\/v1\/(events|services\/[^/]+\/journal)(\?|$)/.test(path) && reply.status === 200) return reply
  if (reply.status === 202) {
    validFor('agent-v1/accepted', JSON.parse(reply.body))
    return reply
  }
  // Node itself refuses headers that are too long, without a word
  if (reply.body === '' || path === '/metrics') return reply
  const isAnswer = reply.status === 200 || reply.status === 503
  if (!isAnswer || name !== undefined) validFor(`agent-v1/${isAnswer ? name : 'error'}`, JSON.parse(reply.body))
  return reply
}
