import { describe, expect, test } from 'vitest'
import {
  hostFiles,
  k3sFiles,
  kubeadmDirectories,
  kubeadmFiles,
  loginFiles,
} from '../../../../src/lab/host/host-files.ts'
import { nspawnArgv, nspawnEnvironment } from '../../../../src/lab/host/nspawn.ts'

const host = {
  name: 'agent-1',
  root: '/state/hosts/agent-1/root',
  network: '/run/netns/keel.demo.agent-1',
  disks: {
    '/var/lib/containerd': '/state/hosts/agent-1/disks/containerd',
    '/var/lib/kubelet': '/state/hosts/agent-1/disks/kubelet',
  },
}

describe('a lab host', () => {
  test('is booted by this command line', async () => {
    await expect(nspawnArgv({ ...host, images: '/cache/images.tar' }).join('\n')).toMatchFileSnapshot(
      '../../../golden/lab/nspawn.txt',
    )
  })

  test('boots without images where the lab has none', () => {
    expect(nspawnArgv(host).filter((argument) => argument.startsWith('--bind-ro'))).toEqual([])
  })

  test('sees cgroups of the version that the machine has', () => {
    expect(nspawnEnvironment('v1').SYSTEMD_NSPAWN_UNIFIED_HIERARCHY).toBe('0')
    expect(nspawnEnvironment('v2').SYSTEMD_NSPAWN_UNIFIED_HIERARCHY).toBe('1')
  })

  test('has its private host key closed, its login open to one key, and no loopback resolver', () => {
    const identity = {
      name: 'agent-1',
      nodeIP: '10.77.0.12',
      podCIDR: '10.42.2.0/24',
    }
    const files = [
      ...hostFiles(identity, [identity, { name: 'server-1', nodeIP: '10.77.0.11' }], '10.77.0.254', k3sFiles(identity)),
      ...loginFiles({ private: 'PRIVATE', public: 'ssh-ed25519 HOST' }, 'ssh-ed25519 ADMIN'),
    ]
    const found = Object.fromEntries(files.map(({ path, content, mode }) => [path, { content, mode }]))
    expect(found['etc/ssh/ssh_host_ed25519_key']).toEqual({ content: 'PRIVATE', mode: 0o600 })
    expect(found['root/.ssh/authorized_keys']).toEqual({ content: 'ssh-ed25519 ADMIN\n', mode: 0o600 })
    expect(found['etc/resolv.conf']?.content).toBe('nameserver 10.77.0.254\n')
    expect(found['etc/hosts']?.content).toContain('10.77.0.11 server-1\n')
  })

  test('for kubeadm, has containerd as kubeadm expects it, and no network of Pods yet', () => {
    const files = kubeadmFiles({ os: 'debian' }, 'registry.k8s.io/pause:3.10.2')
    const config = files.find(({ path }) => path === 'etc/containerd/config.toml')?.content
    expect(config).toContain('sandbox_image = "registry.k8s.io/pause:3.10.2"')
    expect(config).toContain('SystemdCgroup = true')
    expect(files.filter(({ path }) => path.startsWith('etc/cni'))).toEqual([])
    // a link into /usr in the root, which is read-only while a system extension is merged
    expect(kubeadmDirectories).toContain('opt/cni/bin')
    const paths = kubeadmFiles({ os: 'flatcar' }, 'registry.k8s.io/pause:3.10.2').map(({ path }) => path)
    expect(paths.filter((path) => path.includes('containerd'))).toEqual(['/usr/share/containerd/config.toml'])
  })
})
