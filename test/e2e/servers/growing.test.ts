import { createSocket } from 'node:dgram'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { etcdMembers } from '../../support/lab/etcd-members.ts'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import { reaches } from '../../support/lab/reaches.ts'
import { until } from '../../support/until.ts'

let cluster: LabCluster

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-grow', agents: 0, spare: 2 })
})
afterAll(() => cluster?.down())

test('one server grows to three, a node at a time; two are warned of, and not refused', async () => {
  await cluster.keel.expect(0, 'deploy')
  const grown: string[] = ['server-1']
  for (const name of ['spare-1', 'spare-2'] as const) {
    const { hostKey, described } = cluster.host(name)
    const { address, nodeIP } = described
    const { stderr, seconds } = await cluster.keel.expect(
      0,
      'add-node',
      name,
      '--role',
      'server',
      '--address',
      address,
      '--host-key',
      hostKey,
      '--node-ip',
      nodeIP,
      '--yes',
    )
    grown.push(name)
    console.log(`${grown.length} servers: ${seconds.toFixed(1)} s`)
    // those that are in already let the new one through, or it could not join
    expect(stderr).toContain(`on ${grown[0]}: opened the firewall for this node`)
    expect(/warning: .*2 servers/.test(stderr)).toBe(grown.length === 2)
    expect(await etcdMembers(cluster.host('server-1'))).toEqual(grown)
  }
  // the tokens were encrypted anew for the new readers; the values are the same, so nothing restarts
  const before = await cluster.host('server-1').unit()
  await cluster.keel.expect(0, 'deploy')
  expect(await cluster.host('server-1').unit()).toEqual(before)
  await cluster.keel.expect(0, 'plan', '--exit-code')
})

test('the firewall lets nodes through, and nobody else', async () => {
  const { nodeIP } = cluster.host('server-1').described
  // this machine is in the lab's network and is no node
  const outside = (port: number) => reaches(nodeIP, port)
  expect(await Promise.all([22, 6443].map(outside))).toEqual([true, true])
  expect(await Promise.all([2379, 2380, 10250].map(outside))).toEqual([false, false, false])
  const inside = (port: number) => cluster.host('spare-1').sh(`nc -z -w 2 ${nodeIP} ${port} && echo yes || echo no`)
  expect(await Promise.all([6443, 2379, 2380, 10250].map(inside))).toEqual(['yes', 'yes', 'yes', 'yes'])

  // one listener, two senders: VXLAN answers nobody
  const listener = cluster.host('server-1').sh('timeout 20 nc -u -l -W 1 8472')
  await until('nc listens', async () => (await cluster.host('server-1').sh('ss -Hlnu sport = :8472')) !== '')
  const outsider = createSocket('udp4')
  await new Promise((sent) => outsider.send('outside', 8472, nodeIP, sent))
  outsider.close()
  await cluster.host('spare-1').sh(`echo inside > /dev/udp/${nodeIP}/8472`)
  expect(await listener).toBe('inside')
})

test('a firewall that somebody flushed is seen and loaded again, and k3s runs on', async () => {
  const host = cluster.host('server-1')
  const before = await host.unit()
  await host.sh('nft flush ruleset')
  expect(await reaches(host.described.nodeIP, 2379)).toBe(true)
  const { stdout } = await cluster.keel.expect(3, 'plan', '--exit-code')
  expect(stdout).toContain('load the firewall (not loaded in the kernel)')
  await cluster.keel.expect(0, 'deploy')
  expect(await reaches(host.described.nodeIP, 2379)).toBe(false)
  expect(await host.unit()).toEqual(before)
})
