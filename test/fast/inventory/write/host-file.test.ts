import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadInventory } from '../../../../src/inventory/load.ts'
import { readDefinitions } from '../../../../src/inventory/read/read-definitions.ts'
import { hostFileText, withHostKey } from '../../../../src/inventory/write/host-file.ts'
import { parseSshPublicKey } from '../../../../src/model/keys/ssh-key.ts'
import type { HostInput } from '../../../../src/model/schema/input.ts'
import { makeVariant } from '../variant.ts'

const KEY = parseSshPublicKey('ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMWvqEn68QqPkwj0uUV37DErfV1Qa6qQPdoRaQcL9TFl')

describe('hostFileText', () => {
  test('reads as people write it', () => {
    const text = hostFileText({
      os: 'debian',
      role: 'agent',
      address: 'root@10.0.0.9',
      hostKey: KEY,
      taints: ['a=b:NoSchedule'],
      labels: { 'example.com/zone': 'x' },
    })
    expect(text).toBe(`import { defineHost } from 'keel'

export default defineHost({
  os: 'debian',
  role: 'agent',
  address: 'root@10.0.0.9',
  hostKey: '${KEY}',
  taints: ['a=b:NoSchedule'],
  labels: { 'example.com/zone': 'x' },
})
`)
  })

  test('whatever its strings hold, the file loads to the same value', async () => {
    const directory = makeVariant({})
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        "'",
        '\\',
        "\\'",
        `\`\${x}\``,
        '*/',
        '\u2028',
        '\n})\n',
        "'})//",
        '</script>',
        '__proto__',
        '$&',
        '\ud800',
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
    await fc.assert(
      fc.asyncProperty(fc.array(hosts, { minLength: 20, maxLength: 20 }), async (inputs) => {
        for (const [index, input] of inputs.entries()) {
          mkdirSync(join(directory, `hosts/x${index}`), { recursive: true })
          writeFileSync(join(directory, `hosts/x${index}/host.ts`), hostFileText(input))
        }
        const { hosts: read } = await readDefinitions(directory)
        for (const [index, input] of inputs.entries()) {
          expect(read.find((host) => host.name === `x${index}`)?.input).toEqual({ ...input })
        }
      }),
      { numRuns: 10 },
    )
  })
})

const WITHOUT_KEY: readonly (readonly [name: string, before: string, after: string])[] = [
  [
    'one entry a line, a comment behind the address',
    "export default defineHost({\n  os: 'debian',\n  address: 'root@a', // its console: rack 3\n  role: 'agent', /* hostKey: later */\n})\n",
    `export default defineHost({\n  os: 'debian',\n  address: 'root@a', // its console: rack 3\n  hostKey: '${KEY}',\n  role: 'agent', /* hostKey: later */\n})\n`,
  ],
  [
    'the address last, without a comma',
    "export default defineHost({\n\tos: 'debian',\n\taddress: 'root@a'\n})",
    `export default defineHost({\n\tos: 'debian',\n\taddress: 'root@a',\n\thostKey: '${KEY}',\n})`,
  ],
  [
    'all on one line',
    "export default defineHost({ os: 'debian', address: 'root@a', role: 'agent' })",
    `export default defineHost({ os: 'debian', address: 'root@a', hostKey: '${KEY}', role: 'agent' })`,
  ],
  [
    'all on one line, the address last',
    "export default defineHost({ os: 'debian', address: 'root@a' })",
    `export default defineHost({ os: 'debian', address: 'root@a', hostKey: '${KEY}' })`,
  ],
  [
    'a spread before it, and lines that end as on Windows',
    "export default defineHost({\r\n  ...common,\r\n  address: 'root@a',\r\n})\r\n",
    `export default defineHost({\r\n  ...common,\r\n  address: 'root@a',\r\n  hostKey: '${KEY}',\r\n})\r\n`,
  ],
  [
    'an address that is put together, and texts that look like code',
    `const x = "defineHost({ address: 'no' })"\nexport default defineHost({\n  labels: { address: 'no' },\n  address: [\`root@\${f({ a: 1 })}\`, x].join('/'),\n})\n`,
    `const x = "defineHost({ address: 'no' })"\nexport default defineHost({\n  labels: { address: 'no' },\n  address: [\`root@\${f({ a: 1 })}\`, x].join('/'),\n  hostKey: '${KEY}',\n})\n`,
  ],
]

const NOT_EXACT: readonly (readonly [name: string, text: string])[] = [
  ['a key is there', "export default defineHost({ address: 'a', hostKey: 'x' })"],
  ['a key is there, in quotes', "export default defineHost({ address: 'a', 'hostKey': undefined })"],
  ['a definition made elsewhere', "import { agent } from '../common.ts'\nexport default agent('root@a')\n"],
  ['an object made elsewhere', 'export default defineHost(host)'],
  ['a spread behind the address, which may hold a key', "export default defineHost({ address: 'a', ...rest })"],
  ['an address from elsewhere', 'export default defineHost({ ...rest })'],
  ['two definitions', "const b = defineHost({ address: 'b' })\nexport default defineHost({ address: 'a' })"],
]

describe('withHostKey', () => {
  test.for(WITHOUT_KEY)('%s', ([, before, after]) => {
    expect(withHostKey(before, KEY)).toBe(after)
  })

  test.for(NOT_EXACT)('refuses: %s', ([, text]) => {
    expect(() => withHostKey(text, KEY)).toThrow(expect.objectContaining({ code: 'host-file', exit: 2 }))
  })

  test('what it writes is what the inventory then says', async () => {
    const host: HostInput = { os: 'debian', role: 'agent', address: '10.0.0.9' }
    const directory = makeVariant({ write: { 'hosts/d/host.ts': hostFileText(host) } })
    expect((await loadInventory(directory)).cluster.warnings.map((warning) => warning.code)).toEqual(['no-host-key'])
    writeFileSync(join(directory, 'hosts/d/host.ts'), withHostKey(hostFileText(host), KEY))
    const { cluster } = await loadInventory(directory)
    expect(cluster.hosts.find(({ name }) => name === 'd')?.hostKey).toBe(KEY)
    expect(cluster.secrets.find(({ name }) => name === 'k3s-agent-token')?.readers.map(({ name }) => name)).toContain(
      'd',
    )
  })
})
