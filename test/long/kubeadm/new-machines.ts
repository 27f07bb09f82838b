import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { edit } from '../../support/edit.ts'
import type { KubeadmCluster } from '../../support/lab/kubeadm-cluster.ts'
import { newMachine } from '../../support/lab/new-machine.ts'

/**
 * Machines whose disks are new, under names that the cluster knows. Each host must be off once before the first deploy,
 * for `keepDisk`.
 * @param all the Nodes of the cluster, with their status
 */
export function newMachines(get: () => KubeadmCluster, all: readonly string[]): void {
  const patience = ['--yes', '--patience', '300'] as const
  const clusterId = () => get().kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}')

  test.each(['agent-1', 'server-2'])('%s, a new machine with a key of its own, joins as the old one', async (name) => {
    const { keel, inventory } = get()
    const before = await clusterId()
    const hostKey = await newMachine(get(), get().host(name))
    await edit(join(inventory, `hosts/${name}/host.ts`), get().host(name).hostKey, hostKey)
    await keel.expect(0, 'rekey')
    const { stdout } = await keel.expect(3, 'plan', '--exit-code', name)
    expect(stdout).toMatch(new RegExp(`on server-\\d: delete what an earlier machine named ${name} left behind`))
    const { seconds } = await keel.expect(0, 'deploy', name, ...patience)
    console.log(`${name} as a new machine: ${seconds.toFixed(1)} s`)
    expect(await get().nodes()).toEqual(all)
    expect(await clusterId()).toBe(before)
    // what is encrypted for another host key
    await keel.expect(0, 'deploy', ...patience)
    await keel.expect(0, 'plan', '--exit-code')
  })

  test.each([
    ['agent-2', 'agent'],
    ['server-3', 'server'],
  ])('%s, gone from the inventory, comes back by add-node', async (name, role) => {
    const { keel, inventory } = get()
    const { address, nodeIP } = get().host(name).described
    await rm(join(inventory, 'hosts', name), { recursive: true })
    await keel.expect(0, 'rekey')
    const hostKey = await newMachine(get(), get().host(name))
    const host = ['--role', role, '--address', address, '--node-ip', nodeIP, '--host-key', hostKey]
    const { seconds } = await keel.expect(0, 'add-node', name, ...host, ...patience)
    console.log(`add-node ${name}: ${seconds.toFixed(1)} s`)
    expect(await get().nodes()).toEqual(all)
    await keel.expect(0, 'deploy', ...patience)
    await keel.expect(0, 'plan', '--exit-code')
  })
}
