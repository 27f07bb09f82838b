import { describe, expect, it } from 'vitest'
import { findCall, literalAt } from '../../../../src/inventory/typescript/literals.ts'
import { placesIn } from '../../../../src/inventory/typescript/place.ts'
import { tokens } from '../../../../src/inventory/typescript/tokens.ts'

/** Of a template: a value with a template in it, a quote and an object. */
const VALUES = ['a$', '{`b`}\\`$', '{f({ c: 1 })}d'].join('')

describe('TypeScript is split into', () => {
  it.each<[string, string, readonly string[]]>([
    ['words and signs', 'const a=$b_1 +ü', ['word const', 'word a', 'sign =', 'word $b_1', 'sign +', 'word ü']],
    ['texts without their quotes', `'a' "b" \`c\``, ['text a', 'text b', 'text c']],
    ['texts with quotes inside', `'a\\'b' "a\\"b" "it's"`, ["text a\\'b", 'text a\\"b', "text it's"]],
    ['no comments', 'a // b\n/* c\n*/ d /* e', ['word a', 'word d']],
    [
      'an expression after a sign, with a slash in a class',
      'a = /[/"]\\/"/gi, b',
      ['word a', 'sign =', 'sign /[/"]\\/"/gi', 'sign ,', 'word b'],
    ],
    ['an expression at its start, and after return', '/"/ return /"/', ['sign /"/', 'word return', 'sign /"/']],
    ['a division after a value', 'a / "b" / c', ['word a', 'sign /', 'text b', 'sign /', 'word c']],
    [
      'a division after a bracket',
      '(a) / "b" / c',
      ['sign (', 'word a', 'sign )', 'sign /', 'text b', 'sign /', 'word c'],
    ],
    ['a template with values inside', `\`${VALUES}\` d`, [`text ${VALUES}`, 'word d']],
    ['a template without an end', '`a', ['sign `', 'word a']],
    ['a text without an end', "'a\nb'", ["sign '", 'word a', 'word b', "sign '"]],
    [
      'texts behind one without an end',
      `'a\\' "b" c\n'd' '\\`,
      ["sign '", 'word a', 'sign \\', "sign '", 'text b', 'word c', 'text d', "sign '", 'sign \\'],
    ],
  ])('%s', (_what, source, found) => {
    expect(tokens(source).map(({ kind, text }) => `${kind} ${text}`)).toEqual(found)
  })

  it('with the places of each', () => {
    expect(tokens("ab 'c'")).toEqual([
      { kind: 'word', text: 'ab', start: 0, end: 2 },
      { kind: 'text', text: 'c', start: 3, end: 6 },
    ])
  })
})

/** The rest of the text at the place that is found, and whether it is the value itself. */
function at(source: string, path: readonly (string | number)[], part?: 'key' | 'value'): string {
  const call = findCall(source, 'defineHost') ?? expect.unreachable()
  const { offset, exact } = literalAt(call, path, part)
  return `${exact ? 'at' : 'near'} ${source.slice(offset, offset + 6)}`
}

describe('a value in a define call is found', () => {
  it.each<[string, string, readonly (string | number)[], string, ('key' | 'value')?]>([
    ['by its key', "defineHost({ os: 'debian' })", ['os'], "at 'debia"],
    ['at its key', "defineHost({ os: 'debian' })", ['os'], "at os: 'd", 'key'],
    ['behind other values', 'defineHost({ a: { os: 1 }, b: [{}, f(2, 3)], os: 45678 })', ['os'], 'at 45678 '],
    ['in a list', 'defineHost({ a: [10, [20], { b: 30 }] })', ['a', 2, 'b'], 'at 30 }] '],
    ['by a key in quotes', "defineHost({ 'a-b': 123456 })", ['a-b'], 'at 123456'],
    ['by a key in brackets', "defineHost({ ['a-b']: 123456 })", ['a-b'], 'at 123456'],
    ['by its name alone', 'const os = 1\ndefineHost({ os })', ['os'], 'at 1\ndefi'],
    ['by its name before others', 'const os = 1\ndefineHost({ os, a: 2 })', ['os'], 'at 1\ndefi'],
    ['by the name of the whole', 'const host: Host = { os: 123456 }\ndefineHost(host)', ['os'], 'at 123456'],
    ['by a name that is used before', 'a(os)\nlet b = 2\nconst os = 123456\ndefineHost({ os })', ['os'], 'at 123456'],
    ['where a call is by its name', 'defineHost({ os: make(1) })', ['os'], 'at make(1'],
    ['where a member is by its name', 'const os = 1\ndefineHost({ os: os.name })', ['os'], 'at os.nam'],
    ['the first of two', 'defineHost({ os: 111111, os: 222222 })', ['os'], 'at 111111'],
    ['near the object it lacks', 'defineHost({ a: { b: 1 } })', ['a', 'c'], 'near { b: 1'],
    ['near the call', 'defineHost({ a: 1 })', ['c'], 'near define'],
    ['near the call, where it is computed', 'defineHost(make())', ['os'], 'near define'],
    ['behind a spread and a method', 'defineHost({ ...a, b() { return 1 }, [c]: 2, os: 123456 })', ['os'], 'at 123456'],
    ['in no other file', 'import { host } from "./a"\ndefineHost(host)', ['os'], 'near define'],
  ])('%s', (_what, source, path, found, part) => expect(at(source, path, part)).toBe(found))

  it('in the call that V8 reports, or in the first of that name', () => {
    const source = 'defineHost\ndefineHost({ os: 1 })\ndefineHost({ os: 2 })'
    const of = (offset?: number) => findCall(source, 'defineHost', offset)?.name.start
    expect([of(), of(source.lastIndexOf('defineHost')), of(3)]).toEqual([11, 33, undefined])
    expect(findCall('defineCluster({})', 'defineHost')).toBeUndefined()
  })
})

it('an offset is a line and a column', () => {
  const text = 'a\nbc\n\nd'
  expect([0, 1, 2, 3, 4, 5, 6].map(placesIn(text))).toEqual(['1:1', '1:2', '2:1', '2:2', '2:3', '3:1', '4:1'])
  expect(placesIn('')(0)).toBe('1:1')
})
