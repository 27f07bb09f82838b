import { describe, expect, test } from 'vitest'
import { FaultsError } from '../../../src/errors.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { makeVariant } from './variant.ts'

/** What TypeScript can put where a text, a list or an object belongs. */
const VALUES = [
  'Number.NaN',
  'Number.POSITIVE_INFINITY',
  '-0',
  '10n',
  "Symbol('x')",
  '() => 1',
  'class A {}',
  'null',
  'true',
  'new Date(Number.NaN)',
  "new Map([['a', 'b']])",
  "new Set(['a'])",
  'new Uint8Array(4)',
  '/x/g',
  'Promise.resolve(1)',
  "new (class { a = 'b' })()",
  "new (class { get role() { throw new TypeError('planted') } })()",
  "Object.create({ interface: 'eth0' })",
  "Object.create(Object.create({ a: 'b' }))",
  "{ get a() { throw new TypeError('planted') } }",
  "{ toString() { throw new TypeError('planted') } }",
  "new Proxy({}, { ownKeys() { throw new TypeError('planted') } })",
  "new Proxy({}, { getPrototypeOf() { throw new TypeError('planted') } })",
  "new Proxy({ a: 'b' }, { get() { return Symbol('x') } })",
  'new Proxy([], { get: () => 2 ** 31 })',
  '(() => { const a: { self?: object } = {}; a.self = a; return a })()',
  '(() => { const a: object[] = []; a.push(a); return a })()',
  'new Array(4_000_000_000)',
  "[, 'a:NoSchedule']",
  "Object.assign(['a:NoSchedule'], { extra: 1 })",
  "{ [Symbol('x')]: 1 }",
  "new String('a')",
  "'\\ud800'",
  "'a'.repeat(1_000_000)",
  "Object.fromEntries([['__proto__', 'a']])",
] as const

const FIELDS = [
  'role',
  'address',
  'nodeIP',
  'labels',
  'taints',
  'network',
  'k3s',
  'firewall',
  'nixos',
  'files',
  'manifests',
  'registries',
] as const

async function faultsOf(directory: string): Promise<readonly string[]> {
  try {
    await loadInventory(directory)
  } catch (error) {
    if (error instanceof FaultsError) return error.faults.map(({ at }) => at ?? '')
    throw error
  }
  return []
}

describe('any value of TypeScript loads, or is refused with its place', () => {
  test.for(VALUES)('%s', async (value) => {
    const text = `import { defineHost } from 'keel'\nexport default defineHost({\n  os: 'debian',\n  role: 'agent',\n  address: '10.0.0.9',\n  ...(${JSON.stringify(FIELDS)}.includes(FIELD) ? { [FIELD]: VALUE } : {}),\n})\n`
    const write = Object.fromEntries(
      FIELDS.map((field, index) => [
        `hosts/x${index}/host.ts`,
        text
          .replaceAll('FIELD', () => `'${field}'`)
          .replace('VALUE', () => value)
          .replace("'10.0.0.9'", `'10.0.1.${index}'`),
      ]),
    )
    const places = await faultsOf(makeVariant({ write }))
    for (const at of places) expect(at).toMatch(/^\S+\.ts:[1-9]\d*(:[1-9]\d*)?$/)
    // a role or an address is never one of these
    expect(places.some((at) => at.startsWith('hosts/x0/'))).toBe(true)
  })

  test('what is no plain object is called by its name, and never taken for one without keys', async () => {
    const write = {
      'hosts/x/host.ts': `import { defineHost } from 'keel'\nexport default defineHost({ os: 'debian', role: 'agent', address: '10.0.1.9', network: new Map([['interface', 'eth0']]) as object })\n`,
    }
    await expect(loadInventory(makeVariant({ write }))).rejects.toThrow('network: found a Map; allowed: an object')
  })
})
