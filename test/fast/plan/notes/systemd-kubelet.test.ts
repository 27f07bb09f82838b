import { describe, expect, it } from 'vitest'
import type { SystemdKubelet } from '../../../../src/model/systemd-kubelet/systemd-kubelet.ts'
import { systemdKubeletNote } from '../../../../src/plan/notes/systemd-kubelet.ts'
import { sampleHost } from '../../../support/samples/sample-cluster.ts'

const nothing: SystemdKubelet = {
  packages: [],
  programs: [],
  repositories: [],
  hostPaths: [],
  reserve: { milliCores: 100, memory: 2 ** 28 },
}
const noted = (settings: Partial<SystemdKubelet>) =>
  systemdKubeletNote(sampleHost({ name: 'farm', systemdKubelet: { ...nothing, ...settings } }))
const own = { name: 'own', uris: ['https://p.example'], suites: ['./'], components: [], signedBy: 'key' }

describe('who can do what as root on a host with the systemd kubelet', () => {
  it.each<[string, Partial<SystemdKubelet>, string, string]>([
    [
      'packages',
      { packages: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] },
      'install as root the packages a, b, c, d, e and 2 more and run any program of the host, also as root',
      'its Pods are processes of the host',
    ],
    [
      'programs alone: a Pod names any other one as its command',
      { programs: ['/bin/true'] },
      'run any program of the host, also as root',
      'its Pods are processes of the host',
    ],
    [
      'repositories and host paths',
      {
        packages: ['*'],
        repositories: [own],
        hostPaths: [
          { path: '/srv/a', readOnly: true },
          { path: '/srv/b', readOnly: false },
        ],
      },
      'install as root the packages *, run any program of the host, also as root and write to /srv/b',
      'its Pods are processes of the host; who signs own also decides what root installs',
    ],
  ])('%s', (_what, settings, can, why) => {
    expect(noted(settings)).toEqual([
      { code: 'systemd-kubelet', at: 'farm', found: `who may create Pods on Node farm can ${can}`, why },
    ])
  })

  it('is nobody as long as nothing is allowed', () => {
    expect(noted({})).toMatchObject([
      { found: expect.stringContaining('allows no package'), why: 'no Pod can run there' },
    ])
  })

  it('is no question elsewhere', () => {
    expect(systemdKubeletNote(sampleHost({ name: 'maia' }))).toEqual([])
  })
})
