import { describe, expect, it } from 'vitest'
import { type HostDeployment, stagingOf } from '../../../src/deploy/host-deployment.ts'
import { stillStagedScript } from '../../../src/deploy/host-script.ts'
import { labelScript } from '../../../src/deploy/label-script.ts'
import { Redactor } from '../../../src/deploy/redact.ts'
import { switchHost } from '../../../src/deploy/switch-host.ts'
import type { Transport } from '../../../src/ssh/transport.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/sample-cluster.ts'
import { emptyFacts } from '../../support/sample-facts.ts'

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

/** A deploy of a host on which nothing but its Node's labels differs, and what each host was told. */
function deployment(os: 'debian' | 'nixos', exitCode: number) {
  const host = sampleHost({ name: 'maia', os, ...(os === 'nixos' ? { nixos } : {}) })
  const told: string[] = []
  const transport = (name: string, ends: number): Transport => ({
    target: { name, address: host.address, hostKey: host.hostKey ?? expect.unreachable() },
    run: async (script) => {
      const what =
        script === labelScript(label)
          ? 'label'
          : script === stillStagedScript(stagingOf(one))
            ? 'check'
            : script.includes('until_true')
              ? 'verify'
              : 'activate'
      told.push(`${name} ${what}`)
      return { exitCode: ends, stdout: '', stderr: 'error: forbidden\n' }
    },
    close: async () => {},
  })
  const mine = transport('maia', 0)
  const rendered = renderedOf(sampleCluster([host]), host, sampleSurroundings)
  const shared = {
    host,
    facts: emptyFacts(host.name),
    plan: { host: host.name, role: 'agent', wave: 0, operations: [label] },
    transport: mine,
    transports: new Map([
      ['maia', mine],
      ['ocean', transport('ocean', exitCode)],
    ]),
    readSecret: unreached,
    localArtifact: unreached,
    redactor: new Redactor(),
    patience: 1,
    stagingId: '0123456789abcdef',
    emit: () => {},
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
  return { one, told }
}

describe('a Node’s labels', () => {
  it.each([
    ['debian', ['maia check', 'ocean label', 'maia activate', 'maia verify']],
    // no system to switch, and its k3s runs
    ['nixos', ['ocean label', 'maia verify']],
  ] as const)('of a %s host are changed on a server, before the host itself', async (os, order) => {
    const { one, told } = deployment(os, 0)
    await switchHost(one, new Set())
    expect(told).toEqual(order)
  })

  it('that a server refuses leave the host as it was', async () => {
    const { one, told } = deployment('debian', 1)
    await expect(switchHost(one, new Set())).rejects.toMatchObject({
      code: 'label-node',
      at: 'ocean',
      found: expect.stringContaining('error: forbidden'),
    })
    expect(told).toEqual(['maia check', 'ocean label'])
  })
})
