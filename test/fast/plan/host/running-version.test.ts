import { describe, expect, it } from 'vitest'
import { planHost } from '../../../../src/plan/host/plan-host.ts'
import { asRunning, outdatedProcess, runningVersion } from '../../../../src/plan/host/running-version.ts'
import { otherVersion } from '../../../../src/plan/notes/other-version.ts'
import type { FilesFacts } from '../../../../src/probes/facts.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'
import { applyOperations, emptyFacts, sourcesOf, withServices } from '../../../support/samples/sample-facts.ts'

const host = sampleHost({ name: 'maia' })
const rendered = renderedOf(sampleCluster([host]), host, sampleSurroundings)
const wanted = 'v1.36.4+k3s1'

interface Versions {
  readonly process?: string
  readonly kubelet?: string
  readonly disk?: string
  readonly newer?: boolean
  /** The process is the program on the disk. */
  readonly same?: true
  readonly active?: string
}

function facts({ process, kubelet, disk, newer = false, same, active = 'active' }: Versions): FilesFacts {
  const empty = emptyFacts(host.name, [{ unit: 'k3s-agent.service' }])
  return {
    ...withServices(empty, { active, enabled: 'enabled' }),
    past: { server: false, agent: true, ...(disk === undefined ? {} : { version: disk }) },
    run: {
      ...empty.run,
      programIsNewer: newer,
      ...(process === undefined ? {} : { version: process }),
      ...(same === undefined ? {} : { isProgram: same }),
    },
    ...(kubelet === undefined ? {} : { status: { kubeletVersion: kubelet, podCIDRs: [], addresses: [] } }),
  }
}

describe('what runs', () => {
  it.each<[string, Versions, string | undefined]>([
    ['the process says it', { process: 'v1.36.3+k3s1', kubelet: 'v1.36.2+k3s1', disk: wanted }, 'v1.36.3+k3s1'],
    ['its kubelet says it', { kubelet: 'v1.36.2+k3s1', disk: wanted }, 'v1.36.2+k3s1'],
    [
      'its program on the disk says it, before a kubelet that is behind',
      { same: true, kubelet: 'v1.36.2+k3s1', disk: wanted },
      wanted,
    ],
    ['a Node without a version', { kubelet: '', disk: wanted }, wanted],
    ['nothing runs', { kubelet: 'v1.36.2+k3s1', disk: wanted, active: 'failed' }, wanted],
    ['nobody says it', {}, undefined],
  ])('%s', (_what, versions, expected) => expect(runningVersion(facts(versions))).toBe(expected))

  it('is what an upgrade starts from', () => {
    expect(asRunning({ facts: facts({ process: 'v1.35.4+k3s1', disk: wanted }) }).facts.past.version).toBe(
      'v1.35.4+k3s1',
    )
  })
})

describe('a process that is older than its program', () => {
  it.each<[string, Versions, string | undefined]>([
    ['a new program, an old process', { process: 'v1.36.3+k3s1', disk: wanted, newer: true }, 'v1.36.3+k3s1'],
    ['by its kubelet alone', { kubelet: 'v1.36.3+k3s1', disk: wanted, newer: true }, 'v1.36.3+k3s1'],
    ['another build', { process: 'v1.36.4+k3s1', disk: 'v1.36.4+k3s2', newer: true }, 'v1.36.4+k3s1'],
    ['a kubelet that leaves out the build', { kubelet: 'v1.36.4', disk: wanted, newer: true }, undefined],
    ['the same program once more', { process: wanted, disk: wanted, newer: true }, undefined],
    // a program of one's own whose parts do not agree must not be restarted for ever
    ['started after its program came', { process: 'v1.36.3+k3s1', disk: wanted }, undefined],
    ['touched since, and the same file', { same: true, kubelet: 'v1.36.3+k3s1', disk: wanted, newer: true }, undefined],
    ['nothing runs', { kubelet: 'v1.36.3+k3s1', disk: wanted, newer: true, active: 'inactive' }, undefined],
  ])('%s', (_what, versions, expected) => expect(outdatedProcess(facts(versions))).toBe(expected))

  it('on NixOS, where a switch alone renews what leads to the program, the process has to say it', () => {
    const outdated = (versions: Versions) => outdatedProcess({ ...facts(versions), kind: 'system' })
    expect(outdated({ kubelet: 'v1.36.3+k3s1', disk: wanted, newer: true })).toBe(undefined)
    expect(outdated({ process: 'v1.36.3+k3s1', disk: wanted, newer: true })).toBe('v1.36.3+k3s1')
  })

  it('is restarted, and nothing else happens', () => {
    const sources = sourcesOf({ 'k3s-agent-token': 'one' })
    const before = facts({ disk: wanted })
    const upToDate = applyOperations(rendered, before, sources, planHost(rendered, before, sources))
    const seen = { ...upToDate, parts: {} }
    expect(planHost(rendered, seen, sources)).toEqual([])
    const { run } = facts({ process: 'v1.36.3+k3s1', newer: true })
    expect(planHost(rendered, { ...seen, run }, sources)).toEqual([
      {
        op: 'restart-unit',
        unit: 'k3s-agent.service',
        when: 'always',
        why: `v1.36.3+k3s1 is still running, and the program on the disk is ${wanted}`,
      },
    ])
  })
})

describe('a host that somebody changed by hand', () => {
  const link = '/usr/local/bin/k3s'
  const mine = { kind: 'link', target: '/usr/local/lib/keel/k3s-0123456789abcdef' } as const
  it.each<[string, Versions, FilesFacts['paths'][string], boolean]>([
    ['a newer patch', { process: 'v1.36.9+k3s1' }, mine, true],
    ['a newer minor', { process: 'v1.37.0+k3s1' }, mine, true],
    ['a newer build', { process: 'v1.36.4+k3s2' }, mine, true],
    ['an upgrade that the inventory wants', { process: 'v1.35.9+k3s1' }, mine, false],
    [
      'an older one, installed by hand',
      { process: 'v1.36.3+k3s1' },
      { kind: 'file', mode: '0755', owner: 'root', group: 'root', sha256: '' },
      true,
    ],
    ['a link to elsewhere', { process: 'v1.36.3+k3s1' }, { kind: 'link', target: '/opt/k3s' }, true],
    ['the version that is wanted, installed by hand', { process: wanted }, { kind: 'link', target: '/opt/k3s' }, false],
    ['an empty machine', {}, { kind: 'none' }, false],
  ])('%s', (_what, versions, state, named) => {
    const notes = otherVersion(host, wanted, rendered, { ...facts(versions), paths: { [link]: state } })
    expect(notes.map(({ code, at, found }) => [code, at, found])).toEqual(
      named
        ? [['other-version', 'maia', `the host runs k3s ${versions.process}, but hosts/cluster has ${wanted}`]]
        : [],
    )
  })
})
