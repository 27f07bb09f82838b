import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keysTwiceIn } from '../../../src/inventory/typescript/keys-twice.ts'
import { typescriptLiteral } from '../../../src/inventory/typescript/typescript-literal.ts'

/** Places of keys that are there twice in `export default defineHost(TEXT)`, whose text starts at 1:27. */
function twice(argument: string, before = ''): readonly string[] {
  const text = `${before}export default defineHost(${argument})\n`
  return keysTwiceIn('host.ts', text, 'defineHost').map(
    ({ at, found }) => `${at?.replace('host.ts:', '')} ${found.split("'")[1]}`,
  )
}

/** Two keys of one text, which is another one each time. */
const ANEW = `{ [${'`a$'}{i++}\`]: 1, [${'`a$'}{i++}\`]: 2 }`

describe('a key that a TypeScript literal says twice', () => {
  test.each<[what: string, argument: string, found: readonly string[], before?: string]>([
    ['at its top', "{ role: 'server', os: 'debian', role: 'agent' }", ['1:59 role']],
    ['in quotes and bare', "{ 'role': 'server', role: 'agent' }", ['1:47 role']],
    ['in brackets', "{ role: 'server', ['role']: 'agent' }", ['1:45 role']],
    ['inside', "{ labels: { a: '1', b: '2', a: '3' } }", ['1:55 a']],
    ['in an object of a list', '{ list: [{ a: 1 }, { a: 1, a: 2 }] }', ['1:54 a']],
    ['three times', '{ a: 1, a: 2, a: 3 }', ['1:35 a', '1:41 a']],
    ['behind comments and lines', '{\n  a: 1, // a: 2\n  /* a: 3 */\n  a: 4,\n}', ['4:3 a']],
    ['in what has a name', '{ labels: shared }', ['1:24 a'], 'const shared = { a: 1, a: 2 }\n'],
    ['in the argument that has a name', 'host', ['1:24 os'], "const host = { os: '', os: '' }\n"],
    ['with a type behind it', '{ a: 1 as Foo<a, b, c>, b: 2, b: 3 } satisfies Host', ['1:57 b']],
  ])('%s', (_what, argument, found, before) => expect(twice(argument, before)).toEqual(found))

  test.each<[what: string, argument: string, before?: string]>([
    ['in several objects', '{ a: { x: 1 }, b: { x: 1 }, x: { a: 1 } }'],
    ['over a spread', '{ ...shared, a: 1 }', 'const shared = { a: 1 }\n'],
    ['as a value', "{ a: 'a', b: a, c: ['a', 'a'] }", 'const a = 1\n'],
    ['in two branches', '{ a: x ? { b: 1 } : { b: 2 } }', 'const x = true\n'],
    ['in a function', '{ a: (() => { const b = 1; const o = { b: 1, b: 2 }; return o })() }'],
    ['in text', "{ a: `{ b: 1, b: 2 }`, b: '{ b: 1, b: 2 }' }"],
    ['made anew each time', ANEW, 'let i = 0\n'],
    ['computed', '{ [x]: 1, [x + 1]: 2 }', 'const x = 1\n'],
    ['among types', '{ a: 1 as unknown as Map<a, b, a>, b: 2 }'],
    ['that is read and written', '{ get a() { return 1 }, set a(value) {} }'],
    ['in a regular expression', '{ a: /[{,]a: 1, a: 2/.source, b: 1 }'],
    ['that names itself', 'x', 'const x = x\n'],
    ['in an object that is not the definition’s', '{ a: 1 }', 'export const other = { a: 1, a: 2 }\n'],
  ])('is not one %s', (_what, argument, before) => expect(twice(argument, before)).toEqual([]))

  test('is a fault in the file, with a cure', () => {
    expect(keysTwiceIn('hosts/maia/host.ts', 'defineHost({\n  os: 1,\n  os: 2,\n})', 'defineHost')).toEqual([
      {
        code: 'key-twice',
        at: 'hosts/maia/host.ts:3:3',
        found: "the key 'os' appears here a second time",
        why: 'only the last of the two would count',
        todo: 'keep one, or put both values under it',
      },
    ])
  })

  test('no value that keel writes itself has one', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything({ withBigInt: false })), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value))
        expect(twice(typescriptLiteral(plain))).toEqual([])
      }),
    )
  })
})
