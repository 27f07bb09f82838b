import { describe, expect, test } from 'vitest'
import { bindingsOf } from '../../../src/agenix/named-bindings.ts'
import { recipientLines } from '../../../src/agenix/rules.ts'
import { secretsNix } from '../../../src/agenix/secrets-nix.ts'
import { originOf } from '../../../src/templates/generated-text.ts'
import { processorMs } from '../../support/processor-time.ts'
import { admin, clusterWith, host, newKey, rule } from '../../support/secrets/secret-keys.ts'

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
    const ofOne = ['admins.me', 'admins."with"', 'admins."dotted.name"', 'hosts.a', 'hosts."b.example"']
    expect(text).toContain(
      `  "secrets/one.age" = {\n    publicKeys = [\n${ofOne.map((each) => `      ${each}\n`).join('')}    ];\n  };`,
    )
    expect(text).toContain(
      '  "secrets/two.age" = {\n    publicKeys = [\n      admins.me\n    ];\n    armor = true;\n  };',
    )
    expect(text).not.toContain('nobody')
    expect(originOf(text)).toBe('generated')
    expect(originOf(text.replace('me = ', 'me  = '))).toBe('edited')
    expect(originOf(text.replace('#', '# '))).toBe('foreign')
  })
})

describe('the recipients in one text of publicKeys', () => {
  test.each([
    ['a key with its comment', 'ssh-ed25519 A me@here', ['ssh-ed25519 A me@here']],
    ['a blank one', ' \n', []],
    ['a .pub file with two keys', 'ssh-ed25519 A\nssh-ed25519 B\n', ['ssh-ed25519 A', 'ssh-ed25519 B']],
    ['comments and the line breaks of Windows', '# mine\r\nage1a\r\n\r\n  # old\r\nage1b', ['age1a', 'age1b']],
  ])('%s', (_, text, lines) => {
    expect(recipientLines(text)).toEqual(lines)
  })
})

describe('the bindings of the outermost lets', () => {
  test('are sets of their own, each with the names that go before it', () => {
    expect(bindingsOf('(let a = "1"; in (with k; (let b = a; in { })))')).toEqual([
      '( rec { a = "1"; })',
      '(let a = "1"; in  k)',
      '(let a = "1"; in with k;  rec { b = a; })',
    ])
  })

  test('end where they end: not in a string, not in brackets', () => {
    expect(bindingsOf('(let a = " in \\" "; b = (let c = "2"; in c); in { })')).toEqual([
      '( rec { a = " in \\" "; b = (let c = "2"; in c); })',
    ])
  })

  test.each(['{ "x.age" = { publicKeys = [ ]; }; }', '(let a = "', '(let a = 1;', '', '(with'])(
    'are none in %j',
    (text) => {
      expect(bindingsOf(text)).toEqual([])
    },
  )

  test('of a text without an end are found in no time', () => {
    for (const text of [`(let ${'('.repeat(1e6)}`, `(let ${'"\\'.repeat(5e5)}`, `(let a = 1; in ${'#a'.repeat(5e5)}`])
      expect(processorMs(() => bindingsOf(text))).toBeLessThan(2000)
  })
})
