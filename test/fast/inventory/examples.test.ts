import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import { hostStateOf } from '../../../src/desired/host-state-of.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { generatedFiles } from '../../../src/targets/generated-files.ts'
import { renderHost } from '../../../src/targets/render.ts'
import { writtenPaths } from '../../../src/targets/rendered.ts'
import { kubeadmSurroundings } from '../../support/samples/kubeadm-cluster.ts'
import { sampleSurroundings } from '../../support/samples/sample-cluster.ts'

const examples = new URL('../../../docs/examples/', import.meta.url).pathname

/** What each host of an example gets: the paths of its files and links, and the texts of those that are in git. */
async function rendered(name: string) {
  const { cluster } = await loadInventory(join(examples, name))
  const surroundings = cluster.distribution.kind === 'kubeadm' ? kubeadmSurroundings : sampleSurroundings
  const hosts = cluster.hosts.map((host) => {
    const state = hostStateOf(clusterStateOf(cluster), host, surroundings)
    const inGit = generatedFiles(cluster, host, state).map(({ text }) => text)
    return [host.name, [...writtenPaths(renderHost(host, state)), ...inGit].join('\n')] as const
  })
  return { cluster, hosts: Object.fromEntries(hosts) }
}

describe('the inventories in docs/examples', () => {
  const names = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory())

  test.each(names.map(({ name }) => name))(
    '%s loads without a warning, and every host of it can be rendered',
    async (name) => {
      const { cluster, hosts } = await rendered(name)
      // a machine that has still to be installed has no key yet
      expect(cluster.warnings.filter(({ code }) => code !== 'no-host-key')).toEqual([])
      expect(Object.keys(hosts).length).toBeGreaterThan(1)
    },
  )

  test('high-availability: an address that moves between the servers, and the keel-agent on every system', async () => {
    const { hosts } = await rendered('high-availability')
    const having = (text: string) => Object.keys(hosts).filter((host) => hosts[host]?.includes(text))
    expect(having('/etc/systemd/system/keel-vip.service')).toEqual(['ocean', 'bay', 'cove'])
    expect(having('NODE_NAME').toSorted()).toEqual(['luna', 'maia'])
    expect(having('keel/agent.json').toSorted()).toEqual(['bay', 'cove', 'luna', 'maia', 'ocean'])
  })

  test('kubeadm: servers apply the network of the inventory, and its Flatcar worker gets one certificate of a CA', async () => {
    const { hosts } = await rendered('kubeadm')
    const having = (text: string) => Object.keys(hosts).filter((host) => hosts[host]?.includes(text))
    expect(having('/etc/keel/manifests/keel-cni-01-network.yaml').toSorted()).toEqual(['bay', 'cove', 'ocean'])
    expect(having('/etc/keel/kubeadm/pki/ca.crt').toSorted()).toEqual(['bay', 'cove', 'luna', 'ocean'])
    expect(having('/etc/keel/kubeadm/pki/etcd-ca.crt').toSorted()).toEqual(['bay', 'cove', 'ocean'])
    expect(hosts.luna).toContain('/etc/extensions/kubernetes.raw')
  })
})
