import { describe, expect, test } from 'vitest'
import { containerdConfig } from '../../../src/desired/distribution/kubeadm/containerd-config.ts'
import { sha256 } from '../../../src/model/digest.ts'
import type { Kubeadm } from '../../../src/model/distribution/distribution.ts'
import { planHost } from '../../../src/plan/host/plan-host.ts'
import { makePlan } from '../../../src/plan/make-plan.ts'
import { withWaysIn } from '../../../src/plan/view/ways-in.ts'
import type { ContainerdFacts } from '../../../src/probes/distribution/containerd.ts'
import type { PathState } from '../../../src/probes/host/path-states.ts'
import { runningFacts, seenHost, viewOf } from '../../support/samples/cluster-view.ts'
import { sampleKubeadm } from '../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'
import { filesOf } from '../../support/samples/sample-facts.ts'

const path = '/etc/containerd/config.toml'
const dropIn = '/etc/systemd/system/containerd.service.d/keel.conf'
const host = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const of = (containerd: Kubeadm['containerd']) =>
  sampleCluster([host], { distribution: { ...sampleKubeadm, containerd } })
const runs = (version: string): ContainerdFacts => ({
  ...{ kind: 'running', version, configVersion: 2, cri: true, systemdCgroup: false, cniFolders: ['/usr/lib/cni'] },
})
const file = (content: string): PathState => ({
  ...{ kind: 'file', mode: '0644', owner: 'root', group: 'root', sha256: sha256(content) },
})

interface Found {
  readonly containerd?: ContainerdFacts
  readonly there?: PathState
  /** Whether the drop-in that names the file is there, too. */
  readonly named?: boolean
  readonly owned?: readonly string[]
}

/** The plan of a host of a cluster, on which this was found. */
function planned(
  { containerd = runs('1.7.28'), there, named = true, owned = [] }: Found,
  setting: Kubeadm['containerd'] = 'managed',
) {
  const cluster = of(setting)
  const generation = { owned, restartPending: false, unconfirmed: false }
  const seen = seenHost(cluster, host, runningFacts('server', { containerd, generation }))
  const text = filesOf(seen.rendered).files.find((one) => one.path === dropIn)?.content ?? ''
  const paths = there === undefined ? {} : { [path]: there, ...(named ? { [dropIn]: file(text) } : {}) }
  const view = viewOf(cluster, [{ ...seen, facts: { ...seen.facts, paths } as typeof seen.facts }])
  const { plan } = { plan: makePlan(withWaysIn(view)) }
  const [{ rendered } = seen] = withWaysIn(view).selected.seen
  const [planOfHost] = plan.hosts
  return {
    content: filesOf(rendered).files.find((one) => one.path === path)?.content,
    operations: (planOfHost?.operations ?? []).filter((one) => JSON.stringify(one).includes('containerd')),
    refusals: plan.refusals.map(({ code }) => code).filter((code) => code.startsWith('containerd')),
    notes: plan.notes.map(({ code }) => code).filter((code) => code.startsWith('containerd-r')),
  }
}

describe("containerd: 'managed'", () => {
  test.each(['1.6.20~ds1', 'v2.0.6', 'v2.1.5'])('%s gets the form that it reads', (version) => {
    const { content, refusals } = planned({ containerd: runs(version) })
    expect(content).toBe(containerdConfig({ version }, 36))
    expect(refusals).toEqual([])
  })

  test('it is written in the turn of the host, and containerd restarts before the services', () => {
    const { operations } = planned({})
    expect(operations).toEqual([
      { op: 'make-directory', path: '/etc/containerd', mode: '0755', why: 'missing' },
      { op: 'write-file', path, why: 'missing' },
      { op: 'write-file', path: dropIn, why: 'missing' },
      { op: 'restart-reader', unit: 'containerd.service', of: path },
    ])
  })

  test('a file of somebody else is replaced only after a note, one of keel without', () => {
    expect(planned({ there: file('version = 2') }).notes).toEqual(['containerd-replaced'])
    expect(planned({ there: file('version = 2'), owned: [path] }).notes).toEqual([])
    expect(planned({ there: file(containerdConfig({ version: '1.7.28' }, 36)) }).notes).toEqual([])
    expect(planned({}).notes).toEqual([])
  })

  test('without the drop-in that names the file, containerd restarts and is not judged by what it runs with now', () => {
    const there = file(containerdConfig({ version: '1.7.28' }, 36))
    const { operations, refusals } = planned({ there, owned: [path], named: false })
    expect(operations.filter(({ op }) => op !== 'make-directory')).toEqual([
      { op: 'write-file', path: dropIn, why: 'missing' },
      { op: 'restart-reader', unit: 'containerd.service', of: dropIn },
    ])
    expect(refusals).toEqual([])
  })

  test('what stops the deploy: no version, another file in its command line, none at all', () => {
    expect(planned({ containerd: { kind: 'stopped' } }).refusals).toEqual(['containerd-unread'])
    expect(planned({ containerd: { kind: 'absent' } }).refusals).toEqual(['containerd-absent'])
    const there = file(containerdConfig({ version: '1.7.28' }, 36))
    expect(planned({ there, owned: [path] }).refusals).toEqual(['containerd-other-file'])
    const good = { ...runs('1.7.28'), systemdCgroup: true, cniFolders: ['/opt/cni/bin'] } as ContainerdFacts
    expect(planned({ containerd: good, there, owned: [path] }).refusals).toEqual([])
  })

  test('the file does not go away with the setting', () => {
    const good = { ...runs('1.7.28'), systemdCgroup: true, cniFolders: ['/opt/cni/bin'] } as ContainerdFacts
    expect(planned({ containerd: good, owned: [path] }, 'checked').refusals).toEqual(['containerd-released'])
    expect(planned({ containerd: good }, 'checked').refusals).toEqual([])
  })

  test('a look that asks no version takes every form', () => {
    const seen = seenHost(of('managed'), host)
    for (const version of ['1.6.20', '2.0.6', '2.2.0']) {
      const paths = { [path]: file(containerdConfig({ version }, 36)) }
      const operations = planHost(seen.rendered, { ...seen.facts, paths } as typeof seen.facts, seen.sources)
      expect(operations.filter((one) => 'path' in one && one.path === path)).toEqual([])
    }
  })
})
