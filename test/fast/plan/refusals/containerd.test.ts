import { describe, expect, it } from 'vitest'
import type { KubernetesVersion } from '../../../../src/model/brands.ts'
import { parseHostName } from '../../../../src/model/names.ts'
import { containerdNotes } from '../../../../src/plan/notes/containerd.ts'
import { containerdFaults } from '../../../../src/plan/refusals/containerd.ts'
import type { ContainerdFacts, RunningContainerd } from '../../../../src/probes/distribution/containerd.ts'

const host = { name: parseHostName('maia') }
const good: RunningContainerd = {
  kind: 'running',
  version: 'v2.2.0',
  configVersion: 3,
  cri: true,
  systemdCgroup: true,
  pauseImage: 'registry.k8s.io/pause:3.10.2',
  cniFolders: ['/opt/cni/bin'],
}
const old: RunningContainerd = { ...good, version: '1.6.20~ds1' }
const of = (containerd: 'managed' | 'checked', minor = 36) => ({
  version: `v1.${minor}.0` as KubernetesVersion,
  containerd,
})
const asFound = { ...good, systemdCgroup: false, cniFolders: ['/usr/lib/cni'], pauseImage: 'registry.k8s.io/pause:3.6' }

describe('a containerd that keel only checks', () => {
  it.each<[string, ContainerdFacts, readonly string[]]>([
    ['as kubeadm wants it', good, []],
    ['absent', { kind: 'absent' }, ['containerd-absent']],
    ['stopped', { kind: 'stopped', version: '2.2.0' }, ['containerd-stopped']],
    ['with a file that it can’t read', { kind: 'unread', version: '2.2.0' }, ['containerd-unread']],
    ['without CRI', { ...asFound, cri: false, cniFolders: [] }, ['containerd-no-cri']],
    ['with cgroups of its own', { ...good, systemdCgroup: false }, ['containerd-cgroups']],
    ['with plugins elsewhere', { ...good, cniFolders: ['/usr/lib/cni'] }, ['containerd-cni-folder']],
    ['with one more folder for plugins', { ...good, cniFolders: ['/usr/lib/cni', '/opt/cni/bin'] }, []],
    ['as Debian installs it', asFound, ['containerd-cgroups', 'containerd-cni-folder']],
    ['below what upstream tests', old, []],
    ['without CRI v1', { ...good, version: '1.5.9' }, ['containerd-too-old']],
    ['too old and stopped', { kind: 'stopped', version: '1.5.9' }, ['containerd-too-old']],
  ])('%s: %j', (_what, facts, codes) => {
    const faults = containerdFaults(host, facts, of('checked'))
    expect(faults.map(({ code }) => code)).toEqual(codes)
    for (const fault of faults)
      expect(fault).toMatchObject({ at: 'maia', why: expect.any(String), todo: expect.any(String) })
  })

  it('is refused from 1.37 on where upstream refuses it', () => {
    expect(containerdFaults(host, old, of('checked', 37))).toEqual([
      {
        code: 'containerd-too-old',
        at: 'maia',
        found: 'containerd 1.6.20~ds1 is too old for Kubernetes 1.37',
        why: 'kubeadm asks for the cgroup driver (RuntimeConfig), which containerd answers since 2.0.0',
        todo: 'install containerd 2.0.0 or newer',
      },
    ])
  })
})

describe('a containerd that keel configures', () => {
  it.each<[string, ContainerdFacts, readonly string[]]>([
    ['as Debian installs it', asFound, []],
    ['without CRI', { ...good, cri: false }, []],
    ['stopped', { kind: 'stopped', version: '2.2.0' }, []],
    ['with a file that it can’t read', { kind: 'unread', version: '2.2.0' }, []],
    ['absent', { kind: 'absent' }, ['containerd-absent']],
    ['too old', { ...good, version: '1.5.9' }, ['containerd-too-old']],
  ])('%s', (_what, facts, codes) => {
    expect(containerdFaults(host, facts, of('managed')).map(({ code }) => code)).toEqual(codes)
  })
})

describe('notes about containerd', () => {
  it('a version that works, and that upstream does not test', () => {
    expect(containerdNotes(host, { ...old, pauseImage: 'registry.k8s.io/pause:3.10.1' }, of('checked', 34))).toEqual([
      {
        code: 'containerd-untested',
        at: 'maia',
        found:
          'containerd 1.6.20~ds1 works, but its developers do not test it with Kubernetes 1.34; Kubernetes 1.37 refuses it',
        why: 'they test these versions and their later patches: 1.6.39, 1.7.28, 2.0.6, 2.1.3',
        todo: 'upgrade containerd when you can',
      },
    ])
  })

  it('another pause image', () => {
    expect(containerdNotes(host, asFound, of('checked'))).toEqual([
      {
        code: 'containerd-pause',
        at: 'maia',
        found:
          'containerd takes registry.k8s.io/pause:3.6 for Pods; kubeadm of 1.36 expects registry.k8s.io/pause:3.10.2',
        why: 'the host downloads both, and kubeadm warns of it at each init and join',
        todo: 'set sandbox_image (containerd 2.x: sandbox) in /etc/containerd/config.toml',
      },
    ])
  })

  it.each<[string, ContainerdFacts, 'managed' | 'checked', readonly string[]]>([
    ['nothing', good, 'checked', []],
    ['another pause image', asFound, 'checked', ['containerd-pause']],
    ['another pause image, which keel sets', asFound, 'managed', []],
    ['containerd’s default pause image', { ...good, version: '2.2.1' }, 'checked', []],
    ['absent', { kind: 'absent' }, 'checked', []],
    ['stopped', { kind: 'stopped', version: '1.7.28' }, 'managed', ['containerd-untested']],
    ['a version that keel can’t read', { ...good, version: '2.x' }, 'checked', []],
  ])('%s', (_what, facts, containerd, codes) => {
    expect(containerdNotes(host, facts, of(containerd)).map(({ code }) => code)).toEqual(codes)
  })
})
