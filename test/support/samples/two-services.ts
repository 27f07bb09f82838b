import { k3sAccess, k3sPast, k3sPlaces } from '../../../src/desired/distribution/k3s/access.ts'
import type { HostName, SecretName, Sha256 } from '../../../src/model/brands.ts'
import type { UnitName } from '../../../src/model/systems/unit-name.ts'
import type { FilesRendered } from '../../../src/targets/rendered.ts'

/**
 * A distribution that does not exist. Its node needs another service before it, and each service reads its own files.
 */
export const twoServices: FilesRendered = {
  kind: 'files',
  distribution: 'k3s',
  host: 'maia' as HostName,
  role: 'agent',
  node: { name: 'maia' as HostName, labels: {}, taints: [] },
  services: [
    {
      unit: 'containerd.service',
      healthy: [],
      programs: ['containerd'],
      startFolder: { path: '/etc/containerd', except: [] },
    },
    {
      unit: 'kubelet.service',
      healthy: ['node'],
      programs: ['kubelet'],
      startFolder: { path: '/etc/kubernetes', except: ['/etc/kubernetes/watched'] },
    },
  ],
  access: k3sAccess,
  past: k3sPast,
  places: k3sPlaces,
  ports: [],
  parts: {},
  artifacts: ['containerd', 'kubelet'].map((name) => ({
    name,
    version: 'v1',
    path: `/usr/local/lib/keel/${name}-1`,
    mode: '0755',
    sha256: 'a'.repeat(64) as Sha256,
    from: {
      name,
      version: 'v1',
      arch: 'amd64',
      url: `https://example.invalid/${name}`,
      sha256: 'a'.repeat(64) as Sha256,
    },
    form: 'program',
  })),
  files: [
    file('/etc/containerd/config.toml', 'containerd.service'),
    file('/etc/kubernetes/kubelet.yaml', 'kubelet.service'),
    file('/etc/systemd/system/containerd.service', 'containerd.service'),
    file('/etc/systemd/system/kubelet.service', 'kubelet.service'),
    file('/etc/crictl.yaml'),
  ],
  links: [
    {
      path: '/usr/local/bin/containerd',
      target: '/usr/local/lib/keel/containerd-1',
      readAtStartBy: 'containerd.service',
    },
    { path: '/usr/local/bin/kubelet', target: '/usr/local/lib/keel/kubelet-1', readAtStartBy: 'kubelet.service' },
  ],
  directories: [],
  credentials: [credential('registry', 'containerd.service'), credential('bootstrap', 'kubelet.service')],
  once: [],
  extensions: [],
}

function file(path: string, readAtStartBy?: UnitName) {
  const reader = readAtStartBy === undefined ? {} : { readAtStartBy }
  return { path, content: `of ${path}\n`, mode: '0644', owner: 'root', group: 'root', ...reader }
}

function credential(id: string, readAtStartBy: UnitName) {
  const content = { kind: 'secret', secret: id as SecretName } as const
  return { id, content, readAtStartBy, path: `/etc/credstore.encrypted/${id}` }
}
