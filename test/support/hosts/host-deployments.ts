import { randomBytes } from 'node:crypto'
import { activateScript } from '../../../src/deploy/files/activate-script.ts'
import { shipmentOf } from '../../../src/deploy/files/shipment.ts'
import { generationBytes, stageScript } from '../../../src/deploy/files/stage-script.ts'
import { hostFailure } from '../../../src/deploy/host/host-failure.ts'
import { k3sAccess, k3sPast, k3sPlaces } from '../../../src/desired/distribution/k3s/access.ts'
import { questionsFor } from '../../../src/fleet/survey.ts'
import type { SecretName } from '../../../src/model/brands.ts'
import type { HostFile } from '../../../src/model/cluster.ts'
import { sha256 } from '../../../src/model/digest.ts'
import { planHost } from '../../../src/plan/host/plan-host.ts'
import type { HostPlan } from '../../../src/plan/plan.ts'
import { digestOf } from '../../../src/probes/facts.ts'
import { factsScript } from '../../../src/probes/facts-script.ts'
import { parseFacts } from '../../../src/probes/parse-facts.ts'
import type { RunResult } from '../../../src/ssh/transport.ts'
import type { FilesRendered } from '../../../src/targets/rendered.ts'
import { sampleHost } from '../samples/sample-cluster.ts'
import type { SandboxedHost } from './sandboxed-host.ts'

/** What one keel wants on a host: some files, a secret, a program, and nothing of k3s. */
export interface Wanted {
  readonly files?: Readonly<Record<string, Partial<HostFile> & { readonly content: string }>>
  readonly secret?: string
  readonly program?: string
}

/** One run of keel on a sandboxed host. It has already asked the host when it is created. */
export class HostDeployments {
  readonly #host: SandboxedHost
  readonly #wanted: Wanted
  readonly #rendered: FilesRendered
  readonly #id = randomBytes(8).toString('hex')
  #plan: HostPlan = { host: sampleHost({ name: 'maia' }).name, role: 'agent', wave: 0, operations: [] }
  #digest = ''

  private constructor(host: SandboxedHost, wanted: Wanted) {
    this.#host = host
    this.#wanted = wanted
    this.#rendered = renderedOf(wanted)
  }

  static async plan(host: SandboxedHost, wanted: Wanted): Promise<HostDeployments> {
    const run = new HostDeployments(host, wanted)
    const questions = questionsFor(run.#rendered)
    const { stdout, stderr } = await host.transport.run(factsScript(questions))
    if (stderr !== '') throw new Error(stderr)
    const facts = parseFacts(run.#plan.host, stdout, questions)
    run.#plan = {
      ...run.#plan,
      operations: planHost(run.#rendered, facts, { kind: 'files', credentials: run.#sources }),
    }
    run.#digest = digestOf(facts)
    return run
  }

  get operations(): HostPlan['operations'] {
    return this.#plan.operations
  }

  /** Its name on the host. */
  get id(): string {
    return this.#id
  }

  /** Sends the bytes in their real order. With `upTo`, only the first bytes arrive, as after a broken connection. */
  async stage(upTo = Number.POSITIVE_INFINITY): Promise<RunResult> {
    const { secret = '', program = '' } = this.#wanted
    const shipment = shipmentOf(this.#plan, this.#rendered, () => Buffer.byteLength(program))
    const line = shipment.credentials.length === 0 ? '' : `${Buffer.from(secret).toString('base64')}\n`
    const pushed = shipment.artifacts.length === 0 ? '' : program
    const input = Buffer.concat([Buffer.from(line), generationBytes(this.#rendered), Buffer.from(pushed)])
    const script = stageScript(this.#rendered, this.#staging, this.#digest, shipment)
    return this.#host.transport.run(script, { input: input.subarray(0, upTo) })
  }

  async activate(): Promise<RunResult> {
    const activation = { plan: this.#plan, rendered: this.#rendered, sources: this.#sources, staging: this.#staging }
    return this.#host.transport.run(activateScript({ ...activation, changed: new Set(['password']) }))
  }

  /** keel's message about a step that failed. */
  failure(phase: 'stage' | 'activate', result: RunResult) {
    const { code, found, why } = hostFailure(this.#rendered, phase, result)
    return { code, found, why }
  }

  get #staging() {
    return { id: this.#id, questions: questionsFor(this.#rendered) }
  }

  get #sources() {
    return { password: sha256(this.#wanted.secret ?? '') }
  }
}

function renderedOf({ files = {}, secret, program }: Wanted): FilesRendered {
  const { name } = sampleHost({ name: 'maia' })
  const from = { name: 'tool', version: 'v1', arch: 'amd64', url: 'https://example.invalid/tool' } as const
  const hash = sha256(program ?? '')
  return {
    kind: 'files',
    distribution: 'k3s',
    host: name,
    role: 'agent',
    node: { name, labels: {}, taints: [] },
    parts: {},
    artifacts:
      program === undefined
        ? []
        : [
            {
              name: 'tool',
              version: 'v1',
              path: `/usr/local/lib/keel/tool-${hash.slice(0, 12)}`,
              mode: '0755',
              sha256: hash,
              from: { ...from, sha256: hash },
              form: 'program',
            },
          ],
    files: Object.entries(files).map(([path, file]) => ({
      path,
      mode: '0644',
      owner: 'root',
      group: 'root',
      ...file,
    })),
    links: [],
    directories: [],
    credentials:
      secret === undefined
        ? []
        : [
            {
              id: 'password',
              path: '/etc/credstore.encrypted/keel.password',
              content: { kind: 'secret', secret: 'password' as SecretName },
              readAtStartBy: 'k3s-agent.service',
            },
          ],
    services: [
      {
        unit: 'k3s-agent.service',
        healthy: ['node'],
        programs: ['tool'],
        startFolder: { path: '/etc/rancher', except: [] },
      },
    ],
    access: k3sAccess,
    past: k3sPast,
    places: k3sPlaces,
    ports: [],
    once: [],
    extensions: [],
  }
}
