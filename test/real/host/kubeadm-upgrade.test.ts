import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { execa } from 'execa'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  at,
  called,
  file,
  initDocument,
  joinAs,
  joinDocument,
  newRoot,
  program,
  read,
  root,
} from '../../support/kubeadm/kubeadm-script.ts'

beforeEach(newRoot)

describe('a node that keel upgrades', () => {
  const node = (role: 'server' | 'agent', clusterVersion = 'v1.36.3') => {
    file('etc/kubernetes/kubelet.conf', 'kubelet')
    file('var/lib/kubelet/keel-version', 'v1.36.3\n')
    file('cluster-version', clusterVersion)
    file('run/keel/kubeadm/permit', 'upgrade\n')
    file('etc/keel/kubeadm/kubeadm.yaml', joinDocument)
    if (role === 'agent') return
    mkdirSync(at('var/lib/kubelet/keel-control-plane'))
    for (const name of manifests) file(`etc/kubernetes/manifests/${name}.yaml`, `current ${name}`)
  }
  const manifests = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
  const steps = () => called().filter((line) => /^(kubeadm|systemctl)/.test(line))
  const reached = () => read('var/lib/kubelet/keel-version').trim()

  it('as a worker: its kubelet restarts when kubeadm is done', async () => {
    node('agent')
    expect(await joinAs('agent')).toMatchObject({ exitCode: 0 })
    expect(steps()).toEqual([expect.stringMatching(/^kubeadm upgrade node/), 'systemctl restart kubelet.service'])
    expect(reached()).toBe('v1.36.4')
    expect(existsSync(at('run/keel/kubeadm/permit'))).toBe(false)
  })

  it.each([
    ['v1', 'tmpfs', 'KUBELET_KUBEADM_ARGS="--fail-cgroupv1=false --node-ip=10.0.0.3"\n'],
    ['v2', 'cgroup2fs', 'KUBELET_KUBEADM_ARGS="--node-ip=10.0.0.3"\n'],
  ])('with cgroup %s has a kubelet that takes it, also if it joined before kubelets asked', async (_, type, flags) => {
    node('agent')
    program('stat', `echo ${type}`)
    file('var/lib/kubelet/kubeadm-flags.env', 'KUBELET_KUBEADM_ARGS="--node-ip=10.0.0.3"\n', 0o600)
    for (const time of ['the first', 'the second']) {
      file('run/keel/kubeadm/permit', 'upgrade\n')
      expect(await joinAs('agent')).toMatchObject({ exitCode: 0 })
      expect(read('var/lib/kubelet/kubeadm-flags.env'), time).toBe(flags)
    }
    expect(steps().filter((line) => line.startsWith('systemctl'))).toHaveLength(2)
  })

  it.each(['', 'v1.36.3/;1e touch ROOT/made #', 'v1.36.3\nkubernetesVersion: v1.36.3', 'latest'])(
    'is not upgraded where the cluster names no version: %j',
    async (found) => {
      node('server', found.replace('ROOT', root))
      file('etc/keel/kubeadm/kubeadm.yaml', `${initDocument}kubernetesVersion: v1.36.4\n`)
      const { exitCode, stderr } = await joinAs('server')
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: expect.stringContaining('does not tell the version'),
      })
      expect(existsSync(at('made'))).toBe(false)
      expect(steps()).toEqual([])
    },
  )

  it.each<[string, string, boolean, RegExp]>([
    ['the first server upgrades the cluster', 'v1.36.3', false, /^kubeadm upgrade apply v1\.36\.4 --yes/],
    ['another server only itself', 'v1.36.4', false, /^kubeadm upgrade node/],
    ['the first one goes on where it was ended', 'v1.36.4', true, /^kubeadm upgrade apply v1\.36\.4 --yes/],
  ])('as a server: %s', async (_what, clusterVersion, hasBegun, command) => {
    node('server', clusterVersion)
    if (hasBegun) mkdirSync(at('var/lib/kubelet/keel-upgrade-apply'))
    file('etc/kubernetes/tmp/kubeadm-backup-etcd-2026-11-30-04-00-00/member', 'secrets')
    file('etc/kubernetes/tmp/kubeadm-kubelet-config-2026-11-30-04-00-00/config.yaml', 'kept')
    expect(await joinAs('server')).toMatchObject({ exitCode: 0 })
    expect(steps()).toEqual([expect.stringMatching(command), 'systemctl restart kubelet.service'])
    expect(reached()).toBe('v1.36.4')
    expect(existsSync(at('var/lib/kubelet/keel-upgrade-apply'))).toBe(false)
    // copies of etcd's data do not stay
    expect((await execa('ls', [at('etc/kubernetes/tmp')])).stdout).toBe('kubeadm-kubelet-config-2026-11-30-04-00-00')
  })

  it('the founder tells kubeadm first what the inventory says, and leaves the version to it', async () => {
    node('server')
    file(
      'etc/keel/kubeadm/kubeadm.yaml',
      `${initDocument}---\nkind: ClusterConfiguration\nkubernetesVersion: v1.36.4\n`,
    )
    expect(await joinAs('server')).toMatchObject({ exitCode: 0 })
    expect(steps().map((line) => line.replace(/ --ignore.*/, ''))).toEqual([
      'kubeadm init phase upload-config kubeadm --config=/run/keel/kubeadm/config.yaml',
      'kubeadm upgrade apply v1.36.4 --yes',
      'systemctl restart kubelet.service',
    ])
    expect(read('given')).toContain('kubernetesVersion: v1.36.3\n')
  })

  it.each([0, 1])(
    'waits for the servers before kubeadm looks at them, and leaves a refusal to it: %i',
    async (code) => {
      node('server')
      program(
        'kubectl',
        `case $* in *kubeadm-config*) echo 'kubernetesVersion: v1.36.3' ;; wait*) exit ${code} ;; esac`,
      )
      expect(await joinAs('server')).toMatchObject({ exitCode: 0 })
      const order = called().filter((line) => /^(kubectl wait|kubeadm upgrade)/.test(line))
      expect(order).toEqual([
        'kubectl wait --for=condition=Ready nodes --selector=node-role.kubernetes.io/control-plane --timeout=120s',
        expect.stringMatching(/^kubeadm upgrade apply/),
      ])
    },
  )

  it('that fails restarts no kubelet, and the next one begins there', async () => {
    node('server')
    file('fails', '')
    expect(await joinAs('server')).toMatchObject({ exitCode: 1 })
    expect(steps().join()).not.toContain('systemctl')
    expect(reached()).toBe('v1.36.3')
    // the API server of the cluster may be the new one by now
    file('cluster-version', 'v1.36.4')
    file('run/keel/kubeadm/permit', 'upgrade\n')
    rmSync(at('fails'))
    expect(await joinAs('server')).toMatchObject({ exitCode: 0 })
    expect(steps().at(-2)).toContain('upgrade apply')
  })

  it('that was ended between two renames gets its manifest back', async () => {
    node('server')
    rmSync(at('etc/kubernetes/manifests/kube-apiserver.yaml'))
    const backup = (day: string) =>
      `etc/kubernetes/tmp/kubeadm-backup-manifests-2026-11-${day}-04-00-00/kube-apiserver.yaml`
    file(backup('29'), 'older')
    file(backup('30'), 'the last one')
    expect(await joinAs('server')).toMatchObject({ exitCode: 0 })
    expect(read('etc/kubernetes/manifests/kube-apiserver.yaml')).toBe('the last one')
    expect(read('etc/kubernetes/manifests/etcd.yaml')).toBe('current etcd')
  })

  it('without a permit stays as it is', async () => {
    node('agent')
    rmSync(at('run/keel/kubeadm/permit'))
    expect(await joinAs('agent')).toMatchObject({ exitCode: 0 })
    expect(called()).toEqual([])
    expect(reached()).toBe('v1.36.3')
  })
})
