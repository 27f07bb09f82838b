import { describe, expect, test } from 'vitest'
import { type Node, readYaml } from '../../../src/butane/yaml/index.ts'

/** A document in one line: tags and texts, without places. */
function shape(node: Node | undefined): string {
  if (node === undefined) return 'nothing'
  if (node.kind === 'scalar') return `${node.tag} ${JSON.stringify(node.value)}`
  if (node.kind === 'alias') return `*${node.name}`
  if (node.kind === 'sequence') return `[${node.items.map(shape).join(', ')}]`
  return `{${node.pairs.map(({ key, value }) => `${shape(key)}: ${shape(value)}`).join(', ')}}`
}
const read = (text: string) => shape(readYaml(new TextEncoder().encode(text)))

describe('YAML as yaml.v3 reads it', () => {
  test.each([
    ['%YAML 1.1\n---\na', '!!str "a"'],
    ['a\n...\n[ never read', '!!str "a"'],
    ['- a\n-\n- - b', '[!!str "a", !!null "", [!!str "b"]]'],
    ['a:\n- b\n-  c: d', '{!!str "a": [!!str "b", {!!str "c": !!str "d"}]}'],
    ['[a: b, c: , ? d]', '[{!!str "a": !!str "b"}, {!!str "c": !!null ""}, {!!str "d": !!null ""}]'],
    ['{a, b: c,}', '{!!str "a": !!null "", !!str "b": !!str "c"}'],
    ['? a\n? b\n: c', '{!!str "a": !!null "", !!str "b": !!str "c"}'],
    ['a b\n  c\n\n  d # e', '!!str "a b c\\nd"'],
    ['"a \\\n   b\\x41\\u00e9"', '!!str "a bAé"'],
    ["'it''s'", '!!str "it\'s"'],
    ['|2-\n   a\n  b\n\n', '!!str " a\\nb"'],
    ['>\n a\n b\n\n c\n  d\n', '!!str "a b\\n\\nc\\n d\\n"'.replace('\\n\\n', '\\n')],
    ['&x [a, *x]', '[!!str "a", *x]'],
    ['!!str 5', '!!str "5"'],
    ['! 5', '!!int "5"'],
    ['%TAG !e! tag:yaml.org,2002:\n--- !e!int 5', '!!int "5"'],
    ['# c\n\t\n# d\na', '!!str "a"'],
    ['<<: a', '{!!merge "<<": !!str "a"}'],
    ['', 'nothing'],
  ])('%j', (text, expected) => expect(read(text)).toBe(expected))

  test.each([
    ['!!int', ['0o17', '0755', '-0b1', '0x_F', '1_000', '+0', '-9223372036854775808', '18446744073709551615']],
    ['!!float', ['0384', '1e3', '.5', '-1.', '18446744073709551616', '.NaN', '-.inf']],
    ['!!timestamp', ['2001-01-01', '2001-1-2T3:4:5Z', '2001-01-01 00:00:00.5']],
    ['!!bool', ['true', 'TRUE', 'False']],
    ['!!null', ['~', 'null', 'Null']],
    ['!!str', ['0b2', '0o8', '12a', 'Yes', 'tRUE', '2001-02-30', '1:30', '_1', '1e999']],
  ])('%s: %j', (tag, texts) => {
    for (const text of texts) expect(`${text} ${read(text).split(' ')[0]}`).toBe(`${text} ${tag}`)
  })

  test.each([
    '%YAML 1.2\n---\na',
    'a:\n\tb: c',
    'a: b: c',
    'a: *nobody',
    '"\\/"',
    '"open',
    '[a',
    ']',
    '- a\nb',
    'key\n - b: c\nd',
    '!undeclared!x a',
    'a: |0\n',
    '@a',
    '\u0007',
    '[[[['.repeat(200),
  ])('refused: %j', (text) => expect(() => read(text)).toThrow(/^yaml: /))

  test('UTF-16 with its byte order mark', () => {
    expect(shape(readYaml(Buffer.from('\ufeffa: é', 'utf16le')))).toBe('{!!str "a": !!str "é"}')
  })
})
