import { describe, expect, it } from 'vitest'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import type { Surroundings } from '../../../src/desired/surroundings.ts'
import type { Sha256 } from '../../../src/model/brands.ts'
import { describeOperation } from '../../../src/plan/describe-operation.ts'
import { planHost } from '../../../src/plan/host/plan-host.ts'
import { hostRefusals } from '../../../src/plan/refusals/unfit-host.ts'
import type { FilesFacts } from '../../../src/probes/facts.ts'
import type { PathState } from '../../../src/probes/host/path-states.ts'
import { renderFlatcar } from '../../../src/targets/flatcar/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../support/samples/sample-cluster.ts'
import { applyOperations, emptyFacts, sourcesOf, withServices } from '../../support/samples/sample-facts.ts'

const host = sampleHost({ name: 'reef', os: 'flatcar', address: { user: 'core', host: '10.0.0.7', port: 22 } })
const cluster = sampleCluster([host])
const sources = sourcesOf({ 'k3s-agent-token': 'a1' })

function rendered(version = 'v1.36.3+k3s1', sysext = 'b') {
  const surroundings: Surroundings = {
    ...sampleSurroundings,
    programsFor: (one) =>
      sampleSurroundings.programsFor(one).map((k3s) => ({ ...k3s, version, sysext: sysext.repeat(64) as Sha256 })),
  }
  return renderFlatcar(hostStateOf(clusterStateOf(cluster), host, surroundings))
}

const wanted = rendered()
const fresh = emptyFacts(wanted.host, wanted.services)
const running = applyOperations(wanted, fresh, sources, planHost(wanted, fresh, sources))

/** What the plan says once something on the machine is otherwise. */
function planWith(
  paths: Readonly<Record<string, PathState>>,
  over: Partial<FilesFacts> = {},
  state = wanted,
): readonly string[] {
  const facts = { ...running, ...over, paths: { ...running.paths, ...paths } }
  return planHost(state, facts, sources).map(describeOperation)
}

const image = '/opt/extensions/k3s/k3s-v1.36.3+k3s1-x86-64.raw'
const file = (sha256: string): PathState => ({ kind: 'file', mode: '0644', owner: 'root', group: 'root', sha256 })

describe('the plan of a Flatcar host', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['nothing has changed', planWith({}), []],
    [
      'its image is gone',
      planWith({ [image]: { kind: 'none' } }),
      [
        `push k3s v1.36.3+k3s1 to ${image}`,
        'merge k3s into /usr (systemd-sysext refresh)',
        'restart k3s-agent.service (its program was merged again)',
      ],
    ],
    [
      'somebody has put another image there',
      planWith({ [image]: file('0'.repeat(64)) }),
      [
        `push k3s v1.36.3+k3s1 to ${image} (its content differs)`,
        'merge k3s into /usr (systemd-sysext refresh)',
        `restart k3s-agent.service (changed: ${image})`,
      ],
    ],
    [
      'systemd has merged nothing, whatever lies on the disk',
      planWith({ '/usr/local/bin/k3s': { kind: 'none' } }),
      ['merge k3s into /usr (systemd-sysext refresh)', 'restart k3s-agent.service (its program was merged again)'],
    ],
    [
      'another program is merged than the link’s',
      planWith({ '/usr/local/bin/k3s': file('0'.repeat(64)) }),
      ['merge k3s into /usr (systemd-sysext refresh)', 'restart k3s-agent.service (its program was merged again)'],
    ],
    [
      'a new version: beside the old one, before anything else changes',
      planWith({}, {}, rendered('v1.36.4+k3s1', 'c')),
      [
        'push k3s v1.36.4+k3s1 to /opt/extensions/k3s/k3s-v1.36.4+k3s1-x86-64.raw',
        'link /etc/extensions/k3s.raw → /opt/extensions/k3s/k3s-v1.36.4+k3s1-x86-64.raw (its content differs)',
        'merge k3s into /usr (systemd-sysext refresh)',
        'restart k3s-agent.service (changed: /etc/extensions/k3s.raw)',
      ],
    ],
    [
      'reboots have been turned on',
      planWith({ '/etc/flatcar/update.conf': file('0'.repeat(64)) }),
      [
        'write /etc/flatcar/update.conf (its content differs)',
        'restart locksmithd.service if it runs (changed: /etc/flatcar/update.conf)',
      ],
    ],
  ])('%s', (_what, plan, expected) => {
    expect(plan).toEqual(expected)
  })

  it('of a machine that Ignition has set up: the image, the credential, the start, and no file', () => {
    const paths: Record<string, PathState> = {}
    for (const { path } of wanted.files) paths[path] = running.paths[path] ?? { kind: 'none' }
    for (const { path, mode } of wanted.directories) paths[path] = { kind: 'directory', mode }
    const booted = withServices({ ...fresh, paths }, { enabled: 'enabled' })
    expect(planHost(wanted, booted, sources).map(({ op }) => op)).toEqual([
      'push-artifact',
      'set-link',
      'merge-extensions',
      'store-credential',
      'start-unit',
    ])
  })
})

describe('a Flatcar host is refused', () => {
  it.each([
    ['where another system answers', { id: 'debian', machine: 'x86_64', systemd: 252, missing: [] }, 'wrong-os'],
    ['on another architecture', { id: 'flatcar', machine: 'aarch64', systemd: 255, missing: [] }, 'wrong-arch'],
    [
      'without systemd-sysext',
      { id: 'flatcar', machine: 'x86_64', systemd: 255, missing: ['systemd-sysext'] },
      'unfit-host',
    ],
  ])('%s', (_what, system, code) => {
    expect(
      hostRefusals({ host, facts: { ...fresh, system }, rendered: wanted }, undefined).map((fault) => fault.code),
    ).toEqual([code])
  })

  it('and only there: Debian needs no systemd-sysext', () => {
    const system = { id: 'debian', machine: 'x86_64', systemd: 252, missing: ['systemd-sysext'] }
    expect(
      hostRefusals({ host: { ...host, os: 'debian' }, facts: { ...fresh, system }, rendered: wanted }, undefined),
    ).toEqual([])
  })
})
