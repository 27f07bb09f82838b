import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type KubeadmCluster, kubeadmCluster } from '../support/lab/kubeadm-cluster.ts'
import { keepDisk } from '../support/lab/new-machine.ts'
import { until } from '../support/until.ts'
import { newMachines } from './kubeadm/new-machines.ts'
import { expectTokenGone, secretsHunt, tokenOf, tracedHosts, traceHost, wordy } from './kubeadm/secrets.ts'

// on a machine with much other work a deploy of five hosts takes ten minutes
vi.setConfig({ testTimeout: 1_200_000 })

/** A cluster of kubeadm by keel: three control planes and two workers, with upstream's own programs. */
let cluster: KubeadmCluster
beforeAll(async () => {
  cluster = await kubeadmCluster('e2e-kadm', 3, 2)
  await Promise.all(
    cluster.hosts.map(async (host) => {
      await cluster.lab('power-off', host.name)
      await keepDisk(host)
      if (tracedHosts.includes(host.name)) await traceHost(cluster, host)
      await cluster.lab('start', host.name)
    }),
  )
})
afterAll(() => cluster?.down())

const all = ['agent-1 Ready', 'agent-2 Ready', 'server-1 Ready', 'server-2 Ready', 'server-3 Ready']
const deploying = (...hosts: readonly string[]) =>
  ['deploy', ...hosts, '--yes', '--patience', '300', ...wordy(cluster)] as const
const deploy = (...hosts: readonly string[]) => cluster.keel.expect(0, ...deploying(...hosts))
const nothingToDo = async () => (await cluster.keel.run('plan', '--exit-code')).exitCode === 0

test('one deploy brings up the whole cluster, and a plan after it is empty', async () => {
  const { seconds } = await deploy()
  console.log(`3 + 2 in one deploy: ${seconds.toFixed(1)} s`)
  expect(await cluster.nodes()).toEqual(all)
  await cluster.keel.expect(0, 'plan', '--exit-code')
})

test('no token outlives its join, and no worker has the key of a CA', async () => {
  expect(await cluster.kubectl('-n', 'kube-system', 'get', 'secrets', '-o', 'name')).not.toContain('bootstrap-token')
  for (const host of cluster.hosts) {
    expect(await host.sh('ls -A /run/keel/kubeadm')).toBe('')
    expect(await host.sh('journalctl --no-pager -o cat | grep -cE "[a-z0-9]{6}\\.[a-z0-9]{16}( |$)" || true')).toBe('0')
    const keys = await host.sh('find /etc/kubernetes -name ca.key -o -name sa.key | sort | tr "\\n" " "')
    expect(keys).toBe(
      host.name.startsWith('server')
        ? '/etc/kubernetes/pki/ca.key /etc/kubernetes/pki/etcd/ca.key /etc/kubernetes/pki/sa.key '
        : '',
    )
  }
})

describe('secrets', () => secretsHunt(() => cluster))

test('a server that is rebooted comes back without keel', async () => {
  await cluster.lab('reboot', 'server-2')
  await until('it is Ready and as the inventory wants it', nothingToDo, 240)
  await until('all nodes are Ready', async () => (await cluster.nodes()).join() === all.join(), 120)
})

test.each(['agent-1', 'server-3'])('%s, reset by hand, joins again, and its token is nowhere then', async (name) => {
  await cluster.host(name).sh(`systemctl mask --runtime --quiet kubelet
kubeadm reset --force >/dev/null 2>&1
systemctl unmask --runtime --quiet kubelet`)
  const { ended } = cluster.keel.start(deploying(name))
  const token = await tokenOf(cluster.host(name))
  expect((await ended).exitCode).toBe(0)
  expect(await cluster.nodes()).toEqual(all)
  await expectTokenGone(cluster, token)
})

test.each([
  ['agent-2', 'kubeadm has begun to write', '/etc/kubernetes/*.conf'],
  ['server-2', 'kubeadm has begun to write', '/etc/kubernetes/*.conf'],
  // kubeadm alone would not join with it again, nor remove it
  ['server-3', 'its etcd has a database', '/var/lib/etcd/member/snap/db'],
])('%s, whose join is killed when %s, joins by the next deploy', async (name, what, path) => {
  await cluster.host(name).sh(`systemctl mask --runtime --quiet kubelet
kubeadm reset --force >/dev/null 2>&1
systemctl unmask --runtime --quiet kubelet`)
  expect(await cluster.host(name).sh(`ls ${path} 2>/dev/null || true`)).toBe('')
  const { ended } = cluster.keel.start(['deploy', name, '--yes', '--patience', '300'])
  await until(what, async () => (await cluster.host(name).sh(`ls ${path} 2>/dev/null || true`)) !== '', 120, 100)
  await cluster.host(name).sh('systemctl kill --signal=KILL keel-kubeadm.service')
  expect((await ended).exitCode).not.toBe(0)
  await deploy(name)
  expect(await cluster.nodes()).toEqual(all)
  await cluster.keel.expect(0, 'plan', '--exit-code')
})

describe('new machines', () => newMachines(() => cluster, all))
