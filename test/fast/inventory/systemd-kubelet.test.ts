import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadInventory } from '../../../src/inventory/load.ts'
import { makeVariant } from './variant.ts'

const key = readFileSync(new URL('../../cases/openpgp/public.asc', import.meta.url), 'utf8')

async function hostsOf(add: Readonly<Record<string, string>>) {
  const { cluster } = await loadInventory(makeVariant({ add, write: { 'keys/packages.asc': key } }))
  return new Map(cluster.hosts.map((host) => [`${host.name}`, host]))
}

describe("kubelet: 'systemd'", () => {
  it('is on the host that says so, with nothing allowed and the taint of the provider', async () => {
    const hosts = await hostsOf({ b: "kubelet: 'systemd'," })
    expect(hosts.get('b')?.systemdKubelet).toEqual({
      packages: [],
      programs: [],
      repositories: [],
      hostPaths: [],
      reserve: { milliCores: 100, memory: 268_435_456 },
    })
    expect(hosts.get('b')?.taints).toEqual(['virtual-kubelet.io/provider=systemd:NoSchedule'])
    expect(hosts.get('c')).not.toHaveProperty('systemdKubelet')
    expect(hosts.get('c')?.taints).toEqual([])
  })

  it.each([
    ['taints: [],', []],
    ["taints: ['a=b:NoExecute'],", ['a=b:NoExecute']],
  ])('with %s in its own file has only these taints', async (taints, expected) => {
    expect((await hostsOf({ b: `kubelet: 'systemd', ${taints}` })).get('b')?.taints).toEqual(expected)
  })

  it('keeps the taints that the cluster has for all hosts', async () => {
    const hosts = await hostsOf({ cluster: "defaults: { taints: ['a=b:NoExecute'] },", b: "kubelet: 'systemd'," })
    expect(hosts.get('b')?.taints).toEqual(['a=b:NoExecute', 'virtual-kubelet.io/provider=systemd:NoSchedule'])
  })

  it('has the settings of the cluster, and its own before them', async () => {
    const repository = (uri: string) => `{ uris: '${uri}', suites: './', signedBy: 'keys/packages.asc' }`
    const hosts = await hostsOf({
      cluster: `systemdKubelet: {
        packages: ['b', 'a-*'], programs: ['/bin/true'], hostPaths: { '/srv/a': 'read-only', '/srv/b': 'read-only' },
        reserve: { cpu: '0.25', memory: '1Gi' },
        repositories: { own: ${repository('https://one.example/x')}, two: ${repository('https://two.example')} },
      },`,
      b: `kubelet: 'systemd', systemdKubelet: {
        packages: ['own'], hostPaths: { '/srv/b': 'read-write' }, reserve: { cpu: '250m' },
        repositories: { own: ${repository('http://other.example:8080/y/')} },
      },`,
      c: "kubelet: 'systemd',",
    })
    expect(hosts.get('b')?.systemdKubelet).toMatchObject({
      packages: ['own'],
      programs: ['/bin/true'],
      hostPaths: [
        { path: '/srv/a', readOnly: true },
        { path: '/srv/b', readOnly: false },
      ],
      reserve: { milliCores: 250, memory: 2 ** 30 },
      repositories: [
        { name: 'own', uris: ['http://other.example:8080/y/'], suites: ['./'], components: [], signedBy: key },
        { name: 'two', uris: ['https://two.example'] },
      ],
    })
    expect(hosts.get('c')?.systemdKubelet).toMatchObject({ packages: ['a-*', 'b'], reserve: { milliCores: 250 } })
  })

  it('takes a key as text, and the password only as a reference', async () => {
    const text = JSON.stringify(`\n${key.replaceAll('\n', '\r\n')}\n`)
    const login = "login: { user: 'farm', password: { secret: 'k3s-agent-token' } }"
    const hosts = await hostsOf({
      b: `kubelet: 'systemd', systemdKubelet: { repositories: { own: { uris: 'https://p.example', suites: 'bookworm', components: 'main', signedBy: ${text}, ${login} } } },`,
    })
    expect(hosts.get('b')?.systemdKubelet?.repositories).toEqual([
      {
        name: 'own',
        uris: ['https://p.example'],
        suites: ['bookworm'],
        components: ['main'],
        signedBy: key,
        login: { user: 'farm', password: { secret: 'k3s-agent-token' } },
      },
    ])
  })

  it('can be on a server of k3s', async () => {
    expect((await hostsOf({ a: "kubelet: 'systemd'," })).get('a')).toHaveProperty('systemdKubelet')
  })
})
