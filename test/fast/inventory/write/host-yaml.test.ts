import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadInventory } from '../../../../src/inventory/load.ts'
import { hostFileText, withHostKey } from '../../../../src/inventory/write/host-file.ts'
import { parseYaml } from '../../../../src/inventory/yaml/parse-yaml.ts'
import { parseSshPublicKey } from '../../../../src/model/keys/ssh-key.ts'
import { makeVariant } from '../variant.ts'

const KEY = parseSshPublicKey('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMWvqEn68QqPkwj0uUV37DErfV1Qa6qQPdoRaQcL9TFl')

describe('a new host.yaml', () => {
  test('reads as people write it', () => {
    const host = {
      role: 'agent',
      os: 'debian',
      address: 'root@10.0.0.9',
      hostKey: KEY,
      taints: ['a=b:NoSchedule'],
      labels: { 'example.com/rack': '1.10' },
    } as const
    expect(
      hostFileText({ ...host, taints: [...host.taints] }, 'yaml'),
    ).toBe(`# yaml-language-server: $schema=../../.keel/host.json
os: debian
role: agent
address: root@10.0.0.9
hostKey: ${KEY}
taints:
  - a=b:NoSchedule
labels:
  example.com/rack: "1.10"
`)
  })

  test('whatever its strings hold, the file says the same value', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        'yes',
        '0644',
        '~',
        '',
        ' ',
        '# x',
        'a: b',
        '*x',
        '&x',
        '!x',
        '%x',
        '@x',
        '`x`',
        '- x',
        '? x',
        '"',
        "'",
        '\n',
        '\t',
        '{',
        '[',
        ']',
        'null',
        '__proto__',
        '---',
        '...',
        '0x1',
        '1_000',
        '.inf',
        '|',
        '>',
        '\u2028',
        '\x07',
        '\x7f',
      ),
    )
    const hosts = fc.record({
      role: fc.constant('agent' as const),
      address: hostile,
      hostKey: hostile,
      nodeIP: fc.array(hostile),
      labels: fc.dictionary(hostile, hostile),
      files: fc.dictionary(hostile, hostile),
    })
    fc.assert(
      fc.property(hosts, (host) => {
        const { root, problems } = parseYaml(hostFileText(host, 'yaml'))
        expect(problems).toEqual([])
        expect(root?.value).toEqual({ ...host })
      }),
      { numRuns: 500 },
    )
  })
})

const WITHOUT_KEY: readonly (readonly [name: string, before: string, after: string])[] = [
  [
    'a comment behind the address',
    '# rack 3\nos: debian\naddress: root@a # its console: rack 3\nrole: agent # hostKey: later\n',
    `# rack 3\nos: debian\naddress: root@a # its console: rack 3\nhostKey: ${KEY}\nrole: agent # hostKey: later\n`,
  ],
  [
    'the address last, without a newline',
    'os: debian\naddress: root@a',
    `os: debian\naddress: root@a\nhostKey: ${KEY}`,
  ],
  [
    'lines that end as on Windows',
    'address: root@a\r\nos: debian\r\n',
    `address: root@a\r\nhostKey: ${KEY}\r\nos: debian\r\n`,
  ],
  [
    'a map that is indented',
    '  os: debian\n  address: root@a\n  role: agent\n',
    `  os: debian\n  address: root@a\n  hostKey: ${KEY}\n  role: agent\n`,
  ],
  [
    'braces',
    '{ os: debian, address: root@a, role: agent }\n',
    `{ os: debian, address: root@a, hostKey: ${KEY}, role: agent }\n`,
  ],
  [
    'an address in a block of its own',
    'address: >-\n  root@a\nos: debian\n',
    `address: >-\n  root@a\nhostKey: ${KEY}\nos: debian\n`,
  ],
  [
    'an address by its anchor, and one in a label',
    'labels: { address: &a root@a }\naddress: *a\n',
    `labels: { address: &a root@a }\naddress: *a\nhostKey: ${KEY}\n`,
  ],
  ['a document marker', '---\naddress: root@a\n...\n', `---\naddress: root@a\nhostKey: ${KEY}\n...\n`],
]

const NOT_EXACT: readonly (readonly [name: string, text: string])[] = [
  ['a key is there', 'address: a\nhostKey: x\n'],
  ['a key is there by a merge', 'labels: &l { hostKey: x }\n<<: *l\naddress: a\n'],
  ['no address', 'os: debian\n'],
  ['an address by a merge', 'labels: &l { address: x }\n<<: *l\n'],
  ['an explicit key', '? address\n: root@a\n? os\n: debian\n'],
  ['a list', '- address: root@a\n'],
  ['two documents', 'address: root@a\n---\naddress: root@b\n'],
  ['a text that is no YAML', 'address: root@a\n\tos: debian\n'],
  ['nothing', ''],
]

describe('withHostKey in YAML', () => {
  test.for(WITHOUT_KEY)('%s', ([, before, after]) => {
    expect(withHostKey(before, KEY, 'yaml')).toBe(after)
  })

  test.for(NOT_EXACT)('refuses: %s', ([, text]) => {
    expect(() => withHostKey(text, KEY, 'yaml')).toThrow(expect.objectContaining({ code: 'host-file', exit: 2 }))
  })

  test('what it writes is what the inventory then says', async () => {
    const directory = makeVariant({ form: 'yaml' })
    const inventory = await loadInventory(directory)
    expect(inventory.hostFile('b')).toEqual({ form: 'yaml', path: 'hosts/b/host.yaml' })
    const { form, path } = inventory.hostFile('d')
    expect({ form, path }).toEqual({ form: 'yaml', path: 'hosts/d/host.yaml' })
    mkdirSync(join(directory, 'hosts/d'))
    const text = hostFileText({ os: 'debian', role: 'agent', address: '10.0.0.9' }, form)
    writeFileSync(join(directory, path), text)
    expect((await loadInventory(directory)).cluster.warnings.map((warning) => warning.code)).toEqual(['no-host-key'])
    writeFileSync(join(directory, path), withHostKey(text, KEY, form))
    const { cluster } = await loadInventory(directory)
    expect(cluster.hosts.find(({ name }) => name === 'd')?.hostKey).toBe(KEY)
  })

  test('a new host is in the form of hosts/cluster, one that is there in its own', async () => {
    const mixed = makeVariant({
      write: { 'hosts/b/host.ts': null, 'hosts/b/host.yaml': 'os: debian\nrole: agent\naddress: 10.0.0.2\n' },
    })
    const { hostFile } = await loadInventory(mixed)
    expect(hostFile('new')).toEqual({ form: 'ts', path: 'hosts/new/host.ts' })
    expect(hostFile('b')).toEqual({ form: 'yaml', path: 'hosts/b/host.yaml' })
  })
})
