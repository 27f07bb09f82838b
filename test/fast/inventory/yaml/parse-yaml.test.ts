import { describe, expect, it } from 'vitest'
import { parseYaml } from '../../../../src/inventory/yaml/parse-yaml.ts'

/** The values of a text, and each problem as its place, code and words. */
function read(text: string) {
  const { root, problems, place } = parseYaml(text)
  return {
    value: root?.value,
    problems: problems.map(({ code, offset, found }) => `${place(offset)} ${code}: ${found}`),
  }
}

describe('a YAML file is', () => {
  it.each<[string, string, unknown]>([
    ['words as texts', 'a: yes\nb: on\nc: 0644\nd: ~\n', { a: 'yes', b: 'on', c: 644, d: null }],
    ['tags of YAML itself', 'a: !!str 1\nb: !!int "2"\n', { a: '1', b: 2 }],
    ['aliases', 'a: &x [1]\nb: *x\n? &k c\n: *k\n', { a: [1], b: [1], c: 'c' }],
    [
      'merged maps, of which the first wins',
      'x: &x { a: 1, b: 1 }\ny: &y { b: 2, c: 2 }\nz: { <<: [*x, *y], c: 3 }\n',
      {
        x: { a: 1, b: 1 },
        y: { b: 2, c: 2 },
        z: { a: 1, b: 1, c: 3 },
      },
    ],
    ['a merge by itself', 'x: &x { a: 1 }\nz:\n  a: 2\n  <<: *x\n', { x: { a: 1 }, z: { a: 2 } }],
    ['`<<` as a text', '"<<": 1\n', { '<<': 1 }],
    [
      'as deep as 64 levels',
      `${'['.repeat(64)}1${']'.repeat(64)}\n`,
      JSON.parse(`${'['.repeat(64)}1${']'.repeat(64)}`),
    ],
    ['long, with few brackets', `a: ${'x'.repeat(500_001)}\n`, { a: 'x'.repeat(500_001) }],
    ['of version 1.2', '%YAML 1.2\n---\na: 1\n', { a: 1 }],
  ])('%s', (_what, text, value) => {
    expect(read(text)).toEqual({ value, problems: [] })
  })

  it.each<[string, string, readonly string[]]>([
    ['empty', '# nothing\n', ['1:1 yaml-empty: the file is empty']],
    ['a marker alone', '---\n', ['1:1 yaml-empty: the file is empty']],
    ['two documents', 'a: 1\n---\nb: 2\n', ['2:1 yaml-documents: a second document']],
    ['of an older version', '%YAML 1.1\n---\na: 1\n', ['1:1 yaml-version: %YAML 1.1']],
    ['a key twice', 'a: 1\nb:\n  c: 1\n  c: 2\n', ["4:3 yaml-twice: the key 'c' appears here a second time"]],
    ['a number as a key', 'a: 1\n2: 3\n', ["2:1 yaml-key: the key '2' is not a text but a number"]],
    ['true as a key', 'true: 3\n', ["1:1 yaml-key: the key 'true' is not a text but true or false"]],
    ['nothing as a key', '~: 3\n', ["1:1 yaml-key: the key '~' is not a text but nothing"]],
    ['a list as a key', '? [a]\n: 3\n', ['1:3 yaml-key: a key that is not a text']],
    ['a tag of its own', 'a: !secret b\n', ["1:12 yaml-tag: the tag '!secret'"]],
    ['an alias to nothing', 'a: *x\n', ['1:4 yaml-alias: *x refers to nothing']],
    ['an alias to itself', 'a: &x [*x]\n', ['1:8 yaml-alias: *x refers to something that contains it']],
    ['a merge of a text', 'a:\n  <<: b\n', ['2:3 yaml-merge: a merge key (<<) whose value is not a map']],
    [
      'a merge of a list of texts',
      'x: &x { a: 1 }\nb:\n  <<: [*x, c]\n',
      ['3:3 yaml-merge: a merge key (<<) whose value is not a map'],
    ],
    ['65 levels deep', `${'['.repeat(66)}1${']'.repeat(66)}\n`, ['1:66 yaml-depth: values nested too deeply']],
    ['brackets alone', '['.repeat(500_001), ['1:1 yaml-depth: more than 500000 brackets and braces']],
    [
      'aliases to aliases',
      `a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n${[1, 2, 3, 4, 5, 6].map((n) => `a${n}: &a${n} [${Array.from({ length: 10 }, () => `*a${n - 1}`).join(', ')}]\n`).join('')}`,
      ['1:1 yaml-aliases: aliases that expand to millions of values'],
    ],
  ])('refused: %s', (_what, text, problems) => expect(read(text).problems).toEqual(problems))

  it('refused: far deeper, where the parser would need too much of its stack', () => {
    const [problem = expect.unreachable(), ...more] = read(`${'['.repeat(300)}\n`).problems
    expect(problem).toMatch(/^1:2\d\d yaml-depth: values nested more than 256 levels deep$/)
    expect(more).toEqual([])
  })
})
