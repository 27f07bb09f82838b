import { describe, expect, it } from 'vitest'
import type { HostDeployment } from '../../../src/deploy/deployment.ts'
import type { Event } from '../../../src/deploy/event.ts'
import { stagingOf } from '../../../src/deploy/host/host-deployment.ts'
import { HostExit, stillStagedScript } from '../../../src/deploy/host/host-script.ts'
import { hostPhases } from '../../../src/deploy/phases.ts'
import { Redactor } from '../../../src/deploy/redact.ts'
import { uncordonScript } from '../../../src/deploy/through/drain-script.ts'
import { labelScript } from '../../../src/deploy/through/label-script.ts'
import { k3sAccess } from '../../../src/desired/distribution/k3s/access.ts'
import { ExitCode } from '../../../src/errors.ts'
import type { Operation } from '../../../src/plan/operation.ts'
import type { Transport } from '../../../src/ssh/transport.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'
import { emptyFacts } from '../../support/samples/sample-facts.ts'

const label = {
  op: 'label-node',
  node: 'maia',
  through: 'ocean',
  labels: ['tier=edge'],
  taints: [],
  owned: { labels: ['tier'], taints: [] },
} as const
const nixos = { source: { kind: 'flake', attribute: 'maia' }, build: { on: 'target' } } as const
const unreached = async () => expect.unreachable()

/**
 * A deploy of a host on which nothing but its Node's labels differs, and what each host was told.
 * @param fails scripts that do not end with 0
 */
function deployment(
  os: 'debian' | 'nixos',
  fails: Readonly<Record<string, number>> = {},
  operations: readonly Operation[] = [label],
) {
  const host = sampleHost({ name: 'maia', os, ...(os === 'nixos' ? { nixos } : {}) })
  const told: string[] = []
  const transport = (name: string): Transport => ({
    target: { name, address: host.address, hostKey: host.hostKey ?? expect.unreachable() },
    run: async (script) => {
      const what = script === stillStagedScript(stagingOf(one)) ? 'check' : nameOf(script)
      told.push(`${name} ${what}`)
      return { exitCode: fails[what] ?? 0, stdout: 'failed: not Ready\n', stderr: 'error: forbidden\n' }
    },
    close: async () => {},
  })
  const mine = transport('maia')
  const cluster = sampleCluster([host])
  const rendered = renderedOf(cluster, host, sampleSurroundings)
  const events: Event[] = []
  const shared = {
    cluster,
    host,
    facts: emptyFacts(host.name),
    plan: { host: host.name, role: 'agent', wave: 0, operations },
    transport: mine,
    transports: new Map([
      ['maia', mine],
      ['ocean', transport('ocean')],
    ]),
    readSecret: unreached,
    certifier: { prove: unreached, sign: unreached },
    localArtifact: unreached,
    redactor: new Redactor(),
    patience: 1,
    stagingId: '0123456789abcdef',
    emit: (event: Event) => void events.push(event),
    signal: new AbortController().signal,
  } as const
  const one: HostDeployment =
    rendered.kind === 'files'
      ? { ...shared, kind: 'files', rendered, sources: {} }
      : {
          ...shared,
          kind: 'system',
          rendered,
          tree: { files: [], digest: '' },
          rebuild: { hosts: [host], directory: '/nowhere', env: {}, identities: [], signal: shared.signal },
        }
  return { one, told, events }
}

function nameOf(script: string): string {
  if (script === labelScript(k3sAccess, label)) return 'label'
  if (script === uncordonScript(k3sAccess, 'maia')) return 'uncordon'
  if (script.includes('until_true')) return 'verify'
  if (script.includes(' drain --ignore-daemonsets')) return 'drain'
  if (/\nleave_(agent \S+|vkubelet)\n/.test(script)) return 'leave'
  if (script.includes(' delete node ')) return script.includes(' delete pods ') ? 'forget with Pods' : 'forget'
  if (script.includes('switch-to-configuration test')) return 'back'
  return /exec nixos-rebuild (test|boot)/.exec(script)?.[1] ?? 'activate'
}

/** A host's turn, as a deploy runs it. */
async function turn(one: HostDeployment, changed: ReadonlySet<string> = new Set()): Promise<void> {
  for (const phase of hostPhases.turn) await phase(one, changed)
}

describe('a Node’s labels', () => {
  it.each([
    ['debian', ['maia check', 'ocean label', 'maia activate', 'maia verify']],
    // no system to switch, and its k3s runs
    ['nixos', ['ocean label', 'maia verify']],
  ] as const)('of a %s host are changed on a server, before the host itself', async (os, order) => {
    const { one, told, events } = deployment(os)
    await turn(one)
    expect(told).toEqual(order)
    expect(events).toContainEqual({ event: 'operation', host: 'maia', operation: label })
  })

  it('that a server refuses leave the host as it was', async () => {
    const { one, told, events } = deployment('debian', { label: 1 })
    await expect(turn(one)).rejects.toMatchObject({
      code: 'label-node',
      at: 'ocean',
      found: expect.stringContaining('error: forbidden'),
    })
    expect(told).toEqual(['maia check', 'ocean label'])
    // what did not happen is not told
    expect(events.map(({ event }) => event)).toEqual(['phase'])
  })
})

describe('another kind of kubelet', () => {
  const operations: readonly Operation[] = [
    { op: 'drain-node', node: 'maia', through: 'ocean' },
    { op: 'leave-kubelet', from: 'systemd' },
    { op: 'forget-node', node: 'maia', through: 'ocean' },
  ]

  it('comes when the Node is empty, its kubelet has ended, and it is deleted', async () => {
    const { one, told, events } = deployment('debian', {}, operations)
    await turn(one)
    const order = ['maia check', 'ocean drain', 'maia leave', 'ocean forget with Pods', 'maia activate', 'maia verify']
    expect(told.slice(0, order.length)).toEqual(order)
    expect(events.flatMap((event) => (event.event === 'operation' ? [event.operation] : []))).toEqual(operations)
  })

  it.each([
    ['drain', 'drain-node', ['maia check', 'ocean drain']],
    ['leave', 'activate-failed', ['maia check', 'ocean drain', 'maia leave']],
  ])('does not come where this fails: %s', async (step, code, order) => {
    const { one, told } = deployment('debian', { [step]: 1 }, operations)
    await expect(turn(one)).rejects.toMatchObject({ code })
    expect(told).toEqual(order)
  })

  it('no longer wanted after an interruption: the Node takes Pods again, and first its host is healthy', async () => {
    const uncordon = { op: 'uncordon-node', node: 'maia', through: 'ocean' } as const
    const { one, told, events } = deployment('debian', {}, [uncordon])
    await turn(one)
    expect(told).toEqual(['maia activate', 'maia verify', 'ocean uncordon'])
    expect(events).toContainEqual({ event: 'operation', host: 'maia', operation: uncordon })
    const refused = deployment('debian', { uncordon: 1 }, [uncordon])
    await expect(turn(refused.one)).rejects.toMatchObject({ code: 'uncordon-node', at: 'ocean' })
  })

  it('leaves the Node of an earlier machine as it was', async () => {
    const { one, told } = deployment('debian', {}, operations.slice(2))
    await turn(one)
    expect(told).toContain('ocean forget')
  })
})

describe('a restart that depends on the value of a secret', () => {
  const restart = {
    op: 'restart-unit',
    unit: 'k3s-agent.service',
    when: 'value-changed',
    why: 'it is re-encrypted',
  } as const

  it.each([
    ['told, if the value has changed', ['k3s-agent-token'], [restart], 'restarted'],
    ['not told, if the host had the same value', [], [], 'not-restarted'],
  ])('is %s', async (_, changed, restarts, did) => {
    const { one, events } = deployment('debian', {}, [restart])
    await turn(one, new Set(changed))
    expect(events.flatMap((event) => (event.event === 'operation' ? [event.operation] : []))).toEqual(restarts)
    expect(events).toContainEqual({ event: 'k3s', host: 'maia', did, stored: [] })
  })
})

describe('a NixOS host’s new system', () => {
  const switching = { op: 'switch-system', why: 'its sources changed', secrets: [], diff: [] } as const
  const run = async (fails: Readonly<Record<string, number>>) => {
    const { one, told, events } = deployment('nixos', fails, [switching])
    const error: unknown = await turn(one).catch((thrown: unknown) => thrown)
    return { error, told: told.map((line) => line.replace('maia ', '')), events: events.map(({ event }) => event) }
  }

  it('is tested, watched, and made the boot entry', async () => {
    expect(await run({})).toEqual({
      error: undefined,
      told: ['test', 'verify', 'boot'],
      events: ['phase', 'operation', 'phase'],
    })
  })

  it('that is not healthy is left for the one before, and never booted', async () => {
    const { error, told } = await run({ verify: HostExit.Unhealthy })
    expect(error).toMatchObject({ code: 'rolled-back', exit: ExitCode.RolledBack })
    expect(told).toEqual(['test', 'verify', 'back'])
  })

  it('that can not be switched to is left for the one before, and not told as done', async () => {
    const { error, told, events } = await run({ test: HostExit.SwitchFailed })
    expect(error).toMatchObject({ code: 'rolled-back', exit: ExitCode.RolledBack })
    expect({ told, events }).toEqual({ told: ['test', 'back'], events: ['phase'] })
  })

  it('of another keel stays: what runs there by then is its', async () => {
    const { error, told } = await run({ test: HostExit.Changed })
    expect(error).toMatchObject({ code: 'changed-meanwhile' })
    expect(told).toEqual(['test'])
  })

  it('that is healthy stays, whatever its boot entry comes to', async () => {
    const { error, told } = await run({ boot: HostExit.SwitchFailed })
    expect(error).toMatchObject({ code: 'switch-failed', exit: ExitCode.Failed })
    expect(told).toEqual(['test', 'verify', 'boot'])
  })
})
