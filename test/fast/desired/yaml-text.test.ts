import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { yamlText } from '../../../src/model/text/yaml-text.ts'

/** Texts that some reader of YAML takes for a number, a date, nothing, or true. */
const odd = fc.oneof(
  fc.constantFrom(
    'on',
    'Off',
    'y',
    'N',
    'yes',
    '~',
    '',
    'null',
    'Null',
    '<<',
    '=',
    '0640',
    '0o640',
    '0_7',
    '1e3',
    '1E+3',
    '0x1F',
    '0b101',
    '1_000',
    '.5',
    '5.',
  ),
  fc.constantFrom(
    '12:30:45',
    '190:20:30.5',
    '2001-01-01',
    '2001-1-1T0:0:0Z',
    '.inf',
    '-.INF',
    '.NaN',
    '---',
    '...',
    '- a',
    '? a',
    '!x',
    '&a',
    '*a',
    '%a',
    '@a',
    '`a',
  ),
  fc.stringMatching(/^[-+.0-9_:eExobT]{1,10}$/),
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.constantFrom(
    'a\u0085b',
    'a\u2028b',
    'a\u2029\nb',
    '\ufeffa',
    'a\ufeff',
    '\u00a0a',
    'a\u007f',
    'a: b',
    'a #b',
    ' a',
    'a ',
    'a\n',
    '\n',
    'a\n\nb ',
    '\ta',
    'a\tb',
    'a\r\nb',
    'x'.repeat(90).concat(' ', 'y'.repeat(90)),
  ),
)
const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, odd, fc.integer(), fc.boolean(), tie('list'), tie('map')),
  list: fc.array(tie('any'), { maxLength: 4 }),
  map: fc.dictionary(
    odd.filter((key) => key !== '__proto__'),
    tie('any'),
    { maxKeys: 4 },
  ),
})).map

test.for([
  ['1.1', 'yaml-1.1'],
  ['1.2', 'core'],
] as const)('is read as what it was, by a reader of YAML %s', ([version, schema]) => {
  fc.assert(
    fc.property(value, (written) => {
      expect(parse(yamlText(written), { version, schema })).toEqual(written)
    }),
    { numRuns: 1500 },
  )
})

test.for([
  'on',
  '0640',
  '0o640',
  '0_7',
  '1e3',
  '0x1F',
  '~',
  '2001-01-01',
  '12:30:45',
  'a\u0085b',
  '\ufeffa',
  '<<',
  '.5',
  '0_x1F',
  '1e_-9',
  '\ta\nb',
  '\n\ta',
])('quotes %j', (text) => {
  expect(yamlText({ a: text })).toMatch(/^a: "[\x20-\x7e]*"\n$/)
})

test.for(['api.example', '10.42.0.0/16', '10.0.0.1', 'v1.36.3+k3s1', 'a b', 'https://x:6443', '5m0s', 'fd00::1'])(
  'leaves %j as it is',
  (text) => {
    expect(yamlText({ a: text })).toBe(`a: ${text}\n`)
  },
)
