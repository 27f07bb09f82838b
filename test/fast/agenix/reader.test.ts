import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAgenixRules } from '../../../src/agenix/rules.ts'
import { secretsNix } from '../../../src/agenix/secrets-nix.ts'
import { Unreadable } from '../../../src/agenix/unreadable.ts'
import { originOf } from '../../../src/templates/generated-text.ts'
import { agenixForms, saidBy } from '../../support/agenix-forms.ts'
import { admin, clusterWith, host, newKey, rule } from '../secrets/keys.ts'

const nothing = () => {
  throw new Error('no imports')
}
const read = (text: string) => saidBy(readAgenixRules(text, nothing).rules)

describe('the reader of secrets.nix', () => {
  test.each(agenixForms.filter(({ says }) => says !== undefined))('takes $name', ({ text, says }) => {
    expect(read(text)).toEqual(says)
  })

  test.each(agenixForms.filter(({ says }) => says === undefined))('refuses $name, with its line', ({ text, refuses = {} }) => {
    const error = (() => {
      try {
        return read(text)
      } catch (reason) {
        return reason
      }
    })()
    const [[line, message] = []] = Object.entries(refuses)
    expect(error).toBeInstanceOf(Unreadable)
    expect(error).toMatchObject({ line: Number(line), message: expect.stringContaining(message ?? 'unreachable') })
  })

  test('follows imports of files beside it, and says in which one it stopped', () => {
    const files: Record<string, string> = {
      './keys.nix': '{ a = "age1a"; more = import ./more.nix; }',
      './more.nix': '{\n b = x: x; }',
    }
    const from = (path: string) => ({ text: files[path] ?? nothing(), read: from })
    expect(readAgenixRules('let keys = import ./keys.nix; in { "x.age".publicKeys = [ keys.a ]; }', from).rules).toEqual([
      { file: 'x.age', keys: ['age1a'], armor: false },
    ])
    const wrong = () => readAgenixRules('let keys = import ./keys.nix; in { "x.age".publicKeys = [ keys.more.b ]; }', from)
    expect(wrong).toThrow(expect.objectContaining({ line: 2, file: './more.nix' }))
  })

  test('knows the names of keys, however deep, and the lists that they stand in', () => {
    const text =
      'let users = { me = "ssh-ed25519 A"; }; ocean = "ssh-ed25519 B"; n = "x"; systems = [ ocean n ]; in { "x".publicKeys = []; }'
    const { names } = readAgenixRules(text, nothing)
    expect(names).toEqual([
      { path: ['users', 'me'], key: 'ssh-ed25519 A' },
      { path: ['ocean'], key: 'ssh-ed25519 B' },
      { path: ['systems', ''], key: 'ssh-ed25519 B' },
    ])
  })

  test.each([
    ['brackets', `${'('.repeat(1e5)}${')'.repeat(1e5)}`],
    ['lists', '['.repeat(1e5)],
    ['sets', '{a='.repeat(1e5)],
    [
      'names that lead to names',
      `let a0 = [];${Array.from({ length: 2000 }, (_, n) => `a${n + 1} = a${n};`).join('')} in { "x".publicKeys = a2000; }`,
    ],
    [
      'doubled lists',
      `let a0 = ["k"];${Array.from({ length: 60 }, (_, n) => `a${n + 1} = a${n} ++ a${n};`).join('')} in { "x".publicKeys = a60; }`,
    ],
  ])('refuses endless %s in no time', (_, text) => {
    const start = performance.now()
    expect(() => read(text)).toThrow(Unreadable)
    expect(performance.now() - start).toBeLessThan(2000)
  })

  test('never fails in another way', () => {
    const words = fc.constantFrom(
      'let',
      'in',
      'with',
      'rec',
      'inherit',
      'a',
      'b',
      '"x.age"',
      'publicKeys',
      '{',
      '}',
      '[',
      ']',
      '(',
      ')',
      '=',
      ';',
      '.',
      '++',
      '//',
      '"k"',
      'builtins',
      'attrValues',
      'or',
      '#',
      '\n',
      '/*',
      '*/',
      '"',
      '$',
      '\\',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(words, { maxLength: 40 }).map((all) => all.join(' ')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          try {
            read(text)
          } catch (error) {
            expect(error).toBeInstanceOf(Unreadable)
          }
        },
      ),
      { numRuns: 5000 },
    )
  })
})

describe('the secrets.nix that keel writes', () => {
  const [me, pq, shared, a, b] = [
    newKey('ssh-ed25519'),
    newKey('age1pq1'),
    newKey('ssh-rsa'),
    newKey('ssh-ed25519'),
    newKey('ssh-ed25519'),
  ]
  const everybody = [
    admin('me', me),
    admin('with', pq),
    admin('dotted.name', shared),
    host('a', a),
    host('b.example', b),
    host('same', shared),
  ]

  test('says what secrets.ts says: each key once, nobody left out', () => {
    const rules = [
      rule('one', everybody),
      rule('two', [everybody[0] ?? expect.unreachable()], { armor: true }),
      rule('nobody', []),
    ]
    const text = secretsNix(clusterWith(rules, everybody))
    const keys = [me, pq, shared, a, b].map(({ recipient }) => recipient as string)
    expect(read(text)).toEqual({ 'secrets/one.age': keys, 'secrets/two.age!': [me.recipient] })
    expect(originOf(text)).toBe('generated')
    expect(originOf(text.replace('me = ', 'me  = '))).toBe('edited')
    expect(originOf(text.replace('#', '# '))).toBe('foreign')
  })
})
