import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type KubeadmCluster, kubeadmCluster } from '../support/lab/kubeadm-cluster.ts'
import { type SharedAddress, shareAddress } from '../support/lab/shared-address.ts'
import { until } from '../support/until.ts'

/** The parts of a host on a cluster of kubeadm: three control planes that share an address, and a worker. */
let cluster: KubeadmCluster
let shared: SharedAddress
beforeAll(async () => {
  cluster = await kubeadmCluster('e2e-kparts', 3, 1)
  shared = await shareAddress(cluster)
})
afterAll(() => cluster?.down())

const all = ['agent-1 Ready', 'server-1 Ready', 'server-2 Ready', 'server-3 Ready']
const servers = ['server-1', 'server-2', 'server-3'] as const
const nothingToDo = async () => (await cluster.keel.run('plan', '--exit-code')).exitCode === 0
const status = (name: string) =>
  cluster
    .host(name)
    .sh('/etc/keel/keel-vip status')
    .catch(() => '')
const among = async (line: string) => {
  const told = await Promise.all(servers.map(status))
  return servers.filter((_, index) => told[index]?.split('\n').includes(line))
}

describe('an address that three control planes share', () => {
  test('comes with the first deploy, and every host joins by it', async () => {
    const { seconds } = await cluster.keel.expect(0, 'deploy', '--yes', '--patience', '300')
    console.log(`3 + 1 with a virtual IP in one deploy: ${seconds.toFixed(1)} s`)
    expect(await cluster.nodes()).toEqual(all)
    expect(await among('holds=yes')).toEqual(['server-1'])
    for (const server of await shared.ledTo()) expect(server).toContain(`https://${shared.address}:6443`)
    expect(await shared.asked()).toBe('ok')
    await cluster.keel.expect(0, 'plan', '--exit-code')
    expect((await cluster.keel.expect(0, 'vip', 'status')).stdout).toContain(
      `${shared.address} is on server-1 (keepalived)`,
    )
  })

  test('is on another one when the power of the one that has it is cut, and the API answers by it', async () => {
    await until('all are fit', async () => (await among('fit=yes')).length === servers.length)
    const began = performance.now()
    await cluster.lab('power-off', 'server-1')
    await until('the API answers by the address', async () => (await shared.asked()) === 'ok', 60, 100)
    console.log(`power cut: the API answers by the address after ${((performance.now() - began) / 1000).toFixed(1)} s`)
    expect(await among('holds=yes')).toHaveLength(1)
    await cluster.lab('start', 'server-1')
    await until('the plan is empty', nothingToDo, 300)
    await until('all are Ready', async () => (await cluster.nodes()).join() === all.join(), 120)
    expect(await among('holds=yes')).not.toContain('server-1')
  })

  test('goes to another one before the one that has it reboots', async () => {
    await until('all are fit', async () => (await among('fit=yes')).length === servers.length)
    const [holder = ''] = await among('holds=yes')
    await cluster.lab('reboot', holder)
    expect(await shared.asked()).toBe('ok')
    await until('the plan is empty', nothingToDo, 300)
    expect(await among('holds=yes')).not.toContain(holder)
  })
})
