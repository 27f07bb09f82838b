import { describe, expect, it } from 'vitest'
import { FaultsError } from '../../../../src/errors.ts'
import { loadInventory } from '../../../../src/inventory/load.ts'
import { makeVariant } from '../variant.ts'

const host = `import { defineHost } from 'keel'\nexport default defineHost({ os: 'debian', role: 'agent', address: 'root@10.0.0.9' })\n`
const hostYaml = 'os: debian\nrole: agent\naddress: root@10.0.0.9\n'
const cluster = `import { defineCluster } from 'keel'\nexport default defineCluster({})\n`
const secrets = `import { defineSecrets } from 'keel'\nexport default defineSecrets({ admins: {} })\n`

async function faultsOf(write: Record<string, string>, form: 'ts' | 'yaml' = 'ts') {
  try {
    await loadInventory(makeVariant({ form, write }))
  } catch (error) {
    if (error instanceof FaultsError) return error.faults.map(({ code, at, todo }) => ({ code, at, todo }))
    throw error
  }
  return []
}

describe('a definition that is in another place or under another name than keel reads', () => {
  it.each<[file: string, text: string, right: string]>([
    ['hosts/nova.ts', host, 'hosts/nova/host.ts'],
    ['hosts/nova.yaml', hostYaml, 'hosts/nova/host.yaml'],
    ['hosts/nova.yml', hostYaml, 'hosts/nova/host.yaml'],
    ['hosts/nova.json', '{\n  "role": "agent"\n}\n', 'hosts/nova/host.yaml'],
    ['hosts/novae.json', '{"role":"agent","address":"root@10.0.0.9"}', 'hosts/novae/host.yaml'],
    ['hosts/nova/hosts.ts', host, 'hosts/nova/host.ts'],
    ['hosts/nova/Host.ts', host, 'hosts/nova/host.ts'],
    ['hosts/nova/host.js', host, 'hosts/nova/host.ts'],
    ['hosts/nova/host.mts', host, 'hosts/nova/host.ts'],
    ['hosts/nova/hsot.yaml', hostYaml, 'hosts/nova/host.yaml'],
    ['hosts/nova/ghost.yaml', hostYaml, 'hosts/nova/host.yaml'],
    ['hosts/nova/HOST.YAML', hostYaml, 'hosts/nova/host.yaml'],
    ['hosts/mycluster.ts', cluster, 'hosts/cluster.ts'],
    ['mysecrets.ts', secrets, 'secrets.ts'],
    ['hosts/rack/nova/host.yml', hostYaml, 'hosts/nova/host.yaml'],
    ['hosts/nova/nova.ts', host, 'hosts/nova/host.ts'],
    ['hosts/nova/index.ts', host, 'hosts/nova/host.ts'],
    ['hosts/a/hosts.ts', host, 'hosts/a/host.ts'],
    ['hosts/rack/nova/host.ts', host, 'hosts/nova/host.ts'],
    ['hosts/Cluster.ts', cluster, 'hosts/cluster.ts'],
    ['hosts/cluster.js', cluster, 'hosts/cluster.ts'],
    ['hosts/clusters.ts', cluster, 'hosts/cluster.ts'],
    ['hosts/secrets.ts', secrets, 'secrets.ts'],
    ['cluster.ts', cluster, 'hosts/cluster.ts'],
    ['secret.ts', secrets, 'secrets.ts'],
    ['Secrets.ts', secrets, 'secrets.ts'],
    ['secrets/secrets.ts', secrets, 'secrets.ts'],
    ['host/nova.yaml', hostYaml, 'hosts/nova/host.yaml'],
    ['host/nova/host.ts', host, 'hosts/nova/host.ts'],
    ['Hosts/nova/host.yaml', hostYaml, 'hosts/nova/host.yaml'],
    ['host/cluster.ts', cluster, 'hosts/cluster.ts'],
    ['hosts/a/cluster.ts', cluster, 'hosts/cluster.ts'],
    ['hosts/a/secrets.yaml', 'admins:\n  ada: age1\n', 'secrets.yaml'],
    ['nova.ts', host, 'hosts/nova/host.ts'],
    ['nova.yaml', hostYaml, 'hosts/nova/host.yaml'],
    ['nova.yml', '# a host\n{ address: root@10.0.0.9, role: agent }\n', 'hosts/nova/host.yaml'],
    ['nova.json', '{"os": "debian", "address": "root@10.0.0.9", "role": "agent"}', 'hosts/nova/host.yaml'],
    ['named.ts', `${host.replace('export default', 'const nova: Host =')}export default nova\n`, 'hosts/named/host.ts'],
    ['mercury.ts', cluster, 'hosts/cluster.ts'],
    ['people.mts', secrets, 'secrets.ts'],
    ['nova/host.yaml', hostYaml, 'hosts/nova/host.yaml'],
    ['nova/host.ts', host, 'hosts/nova/host.ts'],
    ['secrets/secrets.yaml', 'admins:\n  ada: age1\n', 'secrets.yaml'],
  ])('%s', async (file, text, right) => {
    expect(await faultsOf({ [file]: text })).toEqual([
      { code: 'misplaced-file', at: file, todo: `move it: \`git mv ${file} ${right}\`, or remove it` },
    ])
  })

  it('hosts/nova/host.yml and cluster.yml have a fault of their own', async () => {
    expect((await faultsOf({ 'hosts/nova/host.yml': hostYaml })).map(({ code }) => code)).toEqual(['file-ending'])
    expect((await faultsOf({ 'hosts/cluster.yml': '{}' })).map(({ code }) => code)).toEqual(['file-ending'])
  })

  it('a folder whose name is none of a host is refused', async () => {
    expect((await faultsOf({ 'hosts/Nova/host.ts': host })).map(({ code }) => code)).not.toEqual([])
  })
})

describe('is not', () => {
  it.each([
    [
      'what hosts import',
      { 'hosts/shared.ts': "export const os = 'debian'\n", 'hosts/a/labels.ts': 'export default { tier: 1 }\n' },
    ],
    [
      'a helper that defines hosts for others',
      { 'hosts/debian.ts': "import { defineHost } from 'keel'\nexport const debian = defineHost\n" },
    ],
    [
      'what belongs to others',
      { 'package.json': '{}', 'docker-compose.yaml': 'services: {}\n', 'hosts/notes.md': host, 'README.md': host },
    ],
    [
      'what makes hosts for others, at the top',
      {
        'make.ts': host.replace('export default defineHost', 'export default (port: number) => defineHost'),
        'kinds.ts': `${host.replace('export default', 'const one =')}export default [one]\n`,
        'host/make.ts': 'export const make = 1\n',
      },
    ],
    [
      'what only looks like a host, at the top',
      {
        'compose.yaml': 'services:\n  web:\n    role: agent\n    address: 10.0.0.9\n',
        'nodes.json': '[{"role": "server", "address": "10.0.0.1"}]',
        'mail.yaml': 'address: ada@example.org\nrole: admin\n',
        'list.yaml': '- address: 10.0.0.9\n  role: agent\n',
        'broken.yaml': 'address: [\nrole: agent\n',
        'tool/host.yaml': 'address: 10.0.0.9\n',
        'tool/host.ts': 'export default { address: 1 }\n',
      },
    ],
    ['a file whose name is nearly a host’s, beside one', { 'hosts/a/hosts.json': '{"10.0.0.9": "nova"}' }],
    ['people, in a folder of a host', { 'hosts/a/people.yaml': 'admins:\n  ada: age1\n' }],
    ['a folder of others with nearly a host', { 'tool/myhost.yaml': hostYaml, 'tool/host.yaml.bak': hostYaml }],
    ['a file for a host', { 'hosts/a/values.yaml': 'replicas: 2\n', 'hosts/a/registries.json': '{}' }],
    ['an empty file', { 'hosts/nova.ts': '' }],
  ])('%s', async (_what, write) => expect(await faultsOf(write)).toEqual([]))
})
