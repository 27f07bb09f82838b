import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { execa } from 'execa'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { logTo } from '../../../src/agent/log.ts'
import type { RunningCommand } from '../../../src/vkubelet/host/run-in-container.ts'
import type { CommandQuery } from '../../../src/vkubelet/remote-command/command-query.ts'
import type { Outcome } from '../../../src/vkubelet/remote-command/exit-status.ts'
import { answerCommand } from '../../../src/vkubelet/server/answer-command.ts'
import { answerForward } from '../../../src/vkubelet/server/answer-forward.ts'
import { text } from '../../../src/vkubelet/server/kubelet-answers.ts'
import { type Serving, serveKubelet } from '../../../src/vkubelet/server/serve-kubelet.ts'
import { until } from '../../support/until.ts'
import { ClusterCa } from '../../support/vkubelet/cluster-ca.ts'
import { KubectlProxy } from '../../support/vkubelet/kubectl-proxy.ts'
import { runningNode } from '../../support/vkubelet/running-node.ts'

/**
 * The real kubectl, through a stand-in for the API server, to the real server of the Node over TLS. Its commands are
 * programs of this machine; those in containers are in commands.test.ts.
 */
const folder = mkdtempSync(join(tmpdir(), 'keel-kubectl-server-'))
const ca = new ClusterCa()
const behind = createServer((socket) => socket.pipe(socket))
let kubelet: Serving
let proxy: KubectlProxy
let server: string
let open = 0

async function run(_container: unknown, { command, stdin, stdout, stderr }: CommandQuery): Promise<RunningCommand> {
  const [program = '', ...args] = command
  const child = spawn(program, args, { stdio: 'pipe' })
  open += 1
  child.stdin.on('error', () => undefined)
  const outcome = new Promise<Outcome>((resolve) => {
    child.once('error', (error) => resolve({ kind: 'failed', message: error.message }))
    child.once('exit', (code) => resolve({ kind: 'exited', code: code ?? 137 }))
  })
  outcome.finally(() => {
    open -= 1
  })
  return {
    ...(stdin ? { stdin: child.stdin } : {}),
    ...(stdout ? { stdout: child.stdout } : {}),
    ...(stderr ? { stderr: child.stderr } : {}),
    resize: async () => undefined,
    end: () => child.kill('SIGKILL'),
    outcome,
  }
}

beforeAll(async () => {
  await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve))
  const log = logTo({ write: () => undefined }, 'error')
  const client = ca.apiServer()
  kubelet = await serveKubelet({
    identity: {
      serving: { credential: ca.issue({ subject: [['CN', 'ocean']], purpose: 'server' }) },
      clientCa: ca.certificate,
    },
    port: 0,
    mayAsk: async ({ user }) => (user === undefined ? { kind: 'unknown' } : { kind: 'allowed', user }),
    answers: {
      plain: async () => text(200, 'ok'),
      logs: async () => undefined,
      stream: (request, upgraded) =>
        request.kind === 'forward'
          ? answerForward(
              {
                view: runningNode,
                portOf: async (_units, port) =>
                  port === portBehind() ? { address: '127.0.0.1', port, inode: '1' } : undefined,
              },
              request,
              upgraded,
            )
          : answerCommand({ view: runningNode, run, log }, request, upgraded),
    },
    log,
  })
  proxy = new KubectlProxy({ port: kubelet.port, ca: ca.certificate, client })
  server = await proxy.listen()
})
afterAll(async () => {
  await proxy.close()
  await kubelet.close()
  behind.close()
  rmSync(folder, { recursive: true })
})

const portBehind = () => (behind.address() as AddressInfo).port
describe.each([
  ['websocket', 'true'],
  ['SPDY/3.1', 'false'],
])('over %s', (carrier, webSockets) => {
  const env = {
    HOME: folder,
    KUBECTL_REMOTE_COMMAND_WEBSOCKETS: webSockets,
    KUBECTL_PORT_FORWARD_WEBSOCKETS: webSockets,
  }
  const kubectl = (args: readonly string[], options = {}) =>
    execa('kubectl', [`--server=${server}`, ...args], { env, reject: false, ...options })
  beforeEach(() => {
    proxy.upgrades.length = 0
  })

  test('exec: both outputs and the exit code', async () => {
    const found = await kubectl(['exec', 'uptimed', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7'])
    expect(found).toMatchObject({ stdout: 'out', exitCode: 7 })
    expect(found.stderr).toContain('err')
  })

  test('exec: 20 MB in and out, byte for byte', async () => {
    const input = randomBytes(20_000_000)
    const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
    const found = await kubectl(['exec', '-i', 'uptimed', '--', 'cat'], { input, encoding: 'buffer' })
    expect(found.exitCode).toBe(0)
    expect(digestOf(found.stdout as unknown as Uint8Array)).toBe(digestOf(input))
    expect(proxy.upgrades).toEqual([carrier])
  })

  test('exec: a killed client ends its command', async () => {
    const client = kubectl(['exec', 'uptimed', '--', 'sh', '-c', 'echo ready; exec sleep 600'])
    await new Promise((resolve) => client.stdout?.once('data', resolve))
    expect(open).toBe(1)
    client.kill('SIGKILL')
    await client
    await until('the command has ended', () => open === 0)
  })

  test('cp: a file in, and out again', async () => {
    const there = join(folder, 'there')
    writeFileSync(join(folder, 'here'), `${'line\n'.repeat(5_000)}end`)
    expect(await kubectl(['cp', join(folder, 'here'), `uptimed:${there}`])).toMatchObject({ exitCode: 0 })
    expect(await kubectl(['cp', `uptimed:${there}`, join(folder, 'back')])).toMatchObject({ exitCode: 0 })
    expect(readFileSync(join(folder, 'back'))).toEqual(readFileSync(join(folder, 'here')))
  })

  test('attach -i is refused in words', async () => {
    const { exitCode, stderr } = await kubectl(['attach', '-i', 'uptimed'], { input: '' })
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('which has no stdin: attach without -i, or use exec -i')
  })

  test('port-forward: to a port of the Pod, and not to another of the host', async () => {
    const client = kubectl(['port-forward', 'pod/uptimed', `:${portBehind()}`, ':22'])
    const local: number[] = []
    await new Promise<void>((resolve) => {
      client.stdout?.on('data', (told: Buffer) => {
        for (const [, found = ''] of `${told}`.matchAll(/127\.0\.0\.1:(\d+) -> /g)) local.push(Number(found))
        if (local.length === 2) resolve()
      })
    })
    const [first = 0, second = 0] = local
    const ask = async (port: number, words: string) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.end(words)
      return textOf(socket).catch(() => '')
    }
    const words = ['one', 'two', 'three']
    expect(await Promise.all(words.map((one) => ask(first, one)))).toEqual(words)
    await ask(second, 'x')
    expect((await client).stderr).toContain('no container of this pod listens on port 22')
    expect(proxy.upgrades).toEqual([carrier])
  })

  test('a refused WebSocket is tried as SPDY, and nothing else is', async () => {
    await kubectl(['exec', 'uptimed', '--', 'true'])
    await kubectl(['attach', '-i', 'uptimed'], { input: '' })
    const both = carrier === 'websocket' ? ['websocket', 'websocket', 'SPDY/3.1'] : ['SPDY/3.1', 'SPDY/3.1']
    expect(proxy.upgrades).toEqual(both)
  })
})
