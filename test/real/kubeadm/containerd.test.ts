import { expect, test } from 'vitest'
import { containerdConfig } from '../../../src/desired/distribution/kubeadm/containerd-config.ts'
import type { KubernetesVersion } from '../../../src/model/brands.ts'
import { parseHostName } from '../../../src/model/names.ts'
import { containerdFaults } from '../../../src/plan/refusals/containerd.ts'
import { containerdQuestion } from '../../../src/probes/distribution/containerd.ts'
import { onContainerd } from '../../support/kubeadm/real-containerd.ts'

/** /etc/containerd/config.toml as Debian 12's package brings it. */
const debian = `version = 2

[plugins]
  [plugins."io.containerd.grpc.v1.cri"]
    [plugins."io.containerd.grpc.v1.cri".cni]
      bin_dir = "/usr/lib/cni"
      conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.internal.v1.opt"]
    path = "/var/lib/containerd/opt"
`
const seen = async (config: string) => containerdQuestion.parse(await onContainerd(config, containerdQuestion.script()))
const codes = async (config: string) => {
  const kubeadm = { version: 'v1.34.4' as KubernetesVersion, containerd: 'checked' } as const
  const faults = containerdFaults({ name: parseHostName('maia') }, await seen(config), kubeadm)
  return faults.map(({ code }) => code)
}

test('Debian’s containerd, as its package configures it, is told apart from what kubelet needs', async () => {
  expect(await seen(debian)).toEqual({
    kind: 'running',
    version: '1.6.20~ds1',
    configVersion: 2,
    cri: true,
    systemdCgroup: false,
    pauseImage: 'registry.k8s.io/pause:3.6',
    cniFolders: ['/usr/lib/cni'],
  })
  expect(await codes(debian)).toEqual(['containerd-cgroups', 'containerd-cni-folder'])
}, 120_000)

test('it takes the configuration that keel writes, and then has what kubelet needs', async () => {
  const config = containerdConfig({ version: '1.6.20~ds1' }, 36)
  expect(await seen(config)).toMatchObject({
    systemdCgroup: true,
    pauseImage: 'registry.k8s.io/pause:3.10.2',
    cniFolders: ['/opt/cni/bin'],
  })
  expect(await codes(config)).toEqual([])
  // where a file of the inventory can name mirrors
  expect(await onContainerd(config, 'containerd config dump')).toMatch(
    /\[plugins\."io\.containerd\.grpc\.v1\.cri"\.registry\]\n\s*config_path = "\/etc\/containerd\/certs\.d"/,
  )
}, 120_000)

test('CRI is found turned off, as the package of Docker configures it', async () => {
  expect(await codes('disabled_plugins = ["cri"]\n')).toEqual(['containerd-no-cri'])
}, 120_000)
