import { describe, expect, it } from 'vitest'
import { inOrder } from '../../../../src/inventory/faults.ts'
import { plainCopy } from '../../../../src/inventory/typescript/plain-copy.ts'
import { prototypeKeys, prototypeKeysIn } from '../../../../src/inventory/typescript/prototype-keys.ts'
import { typescriptLiteral } from '../../../../src/inventory/typescript/typescript-literal.ts'

class Own {}
const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) })

describe('of the value of a definition keel takes', () => {
  it.each<[string, unknown, unknown]>([
    ['plain data', { a: [1, { b: null }], c: 'd', e: undefined }, { a: [1, { b: null }], c: 'd', e: undefined }],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    [
      'what a getter returns',
      {
        get a() {
          return 1
        },
      },
      { a: 1 },
    ],
    ['the deepest that it can read', nested(64), nested(64)],
  ])('%s', (_what, value, copy) => {
    expect(plainCopy(value)).toStrictEqual(copy)
  })

  it.each<[unknown, string]>([
    [new Map(), 'a Map'],
    [new Date(0), 'a Date'],
    [new Own(), 'a Own'],
    [new (class {})(), 'a value of a class'],
  ])('%o by its name alone', (value, name) => {
    expect(String(plainCopy(value))).toBe(`Symbol(${name})`)
  })

  it('no inherited keys, but a mark that there were some', () => {
    const copy = plainCopy({ __proto__: { a: 1 }, b: 2 })
    expect(Object.entries(copy ?? {})).toEqual([
      ['b', 2],
      ['__proto__', null],
    ])
  })

  it.each<[string, () => unknown, string]>([
    ['too deep', () => nested(66), 'nested too deeply'],
    ['a list without end', () => new Array(1_000_001), 'a list of 1000001 entries'],
  ])('nothing that is %s', (_what, value, message) => {
    expect(() => plainCopy(value())).toThrow(message)
  })

  it('nothing that contains itself', () => {
    const one: Record<string, unknown> = {}
    one.self = one
    expect(() => plainCopy(one)).toThrow('within themselves')
  })
})

describe('__proto__ as a key is found', () => {
  const own = JSON.parse('{ "a": [{ "__proto__": { "__proto__": 1 } }] }')
  it.each<[string, unknown, readonly (readonly (string | number)[])[]]>([
    ['in a value', own, [['a', 0, '__proto__']]],
    ['as what others inherit from', { a: { __proto__: { b: 1 } } }, [['a', '__proto__']]],
    ['once where it is repeated', [own, own], [[0, 'a', 0, '__proto__']]],
    ['not in plain data', { a: [1, null, { b: 'c' }], d: new Own(), e: Object.create(null) }, []],
  ])('%s', (_what, value, paths) => {
    expect(prototypeKeys(value).map(({ path }) => path)).toEqual(paths)
  })

  it.each<[string, string, readonly string[]]>([
    ['in a literal', "({\n  __proto__: 'a',\n})", ['a.ts:2:3']],
    ['in quotes', "({ '__proto__': 1 })", ['a.ts:1:4']],
    ['not in brackets', "({ ['__proto__']: 1 })", []],
    ['not as a value', "({ a: '__proto__' })", []],
  ])('%s of a text', (_what, text, places) => {
    expect(prototypeKeysIn('a.ts', text).map(({ at }) => at)).toEqual(places)
  })
})

describe('keel writes a value as people do', () => {
  it.each<[string, unknown, string]>([
    ['an object: one key a line', { a: 1, 'b-c': true, $d: undefined }, "{\n  a: 1,\n  'b-c': true,\n}"],
    ['short values on one line', { a: ['b', 'c'], d: { e: null } }, "{\n  a: ['b', 'c'],\n  d: { e: null },\n}"],
    ['nothing in a list or an object', { a: [], b: {} }, '{\n  a: [],\n  b: {},\n}'],
    ['quotes', { a: `it's "b"\n` }, `{\n  a: 'it\\'s "b"\\n',\n}`],
    ['a key that is none', JSON.parse('{ "__proto__": 1, "1a": 2 }'), "{\n  ['__proto__']: 1,\n  '1a': 2,\n}"],
    ['a list as wide as a line', { a: ['x'.repeat(74)] }, `{\n  a: ['${'x'.repeat(74)}'],\n}`],
    ['a list that is wider', { a: ['x'.repeat(75)] }, `{\n  a: [\n    '${'x'.repeat(75)}',\n  ],\n}`],
    [
      'what is around a long value',
      { a: { b: ['x'.repeat(80)] } },
      `{\n  a: {\n    b: [\n      '${'x'.repeat(80)}',\n    ],\n  },\n}`,
    ],
  ])('%s', (_what, value, text) => expect(typescriptLiteral(value)).toBe(text))
})

it('faults are told file by file, each from top to bottom', () => {
  const at = ['b.ts:2:1', 'a.ts:10:1', 'a.ts:9:2', 'a.ts:9:10', 'a.ts', 'b.ts:1', undefined]
  const faults = at.map((place) => ({ code: 'x', found: '', ...(place === undefined ? {} : { at: place }) }))
  expect(inOrder(faults).map((fault) => fault.at)).toEqual([
    undefined,
    ...['a.ts', 'a.ts:9:2', 'a.ts:9:10', 'a.ts:10:1', 'b.ts:1', 'b.ts:2:1'],
  ])
})
