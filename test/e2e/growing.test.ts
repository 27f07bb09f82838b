import { afterAll, beforeAll, expect, test } from 'vitest'
import { etcdMembers } from '../support/etcd-members.ts'
import { type LabCluster, labCluster } from '../support/lab-cluster.ts'

let cluster: LabCluster

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-grow', agents: 0, spare: 2 })
})
afterAll(() => cluster?.down())

test('one server grows to three, a node at a time; two are warned of, and not refused', async () => {
  await cluster.keel.expect(0, 'deploy')
  const grown: string[] = ['server-1']
  for (const name of ['spare-1', 'spare-2'] as const) {
    const { address, hostKey, nodeIP } = cluster.host(name).described
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
    expect(/warning: .*2 servers/.test(stderr)).toBe(grown.length === 2)
    expect(await etcdMembers(cluster.host('server-1'))).toEqual(grown)
  }
  // the tokens were encrypted anew for the new readers; the values are the same, so nothing restarts
  const before = await cluster.host('server-1').unit()
  await cluster.keel.expect(0, 'deploy')
  expect(await cluster.host('server-1').unit()).toEqual(before)
  await cluster.keel.expect(0, 'plan', '--exit-code')
})
