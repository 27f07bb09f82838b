import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { plainText } from '../../../../src/model/text/styled-text.ts'
import { fileDiff } from '../../../../src/plan/diff/file-diff.ts'
import type { HeldContent } from '../../../../src/probes/host/file-contents.ts'

const diff = (held: string, wanted: string, path = '/etc/x.yaml') =>
  plainText(fileDiff(path, { kind: 'text', text: held }, wanted))

const token = `K10${randomBytes(32).toString('hex')}::server:${randomBytes(16).toString('hex')}`
const hex = randomBytes(32).toString('hex')
const base64 = randomBytes(32).toString('base64')
const lowerHex = '0123456789abcdef'.repeat(4)
const crypted = '$y$j9T$salt.salt$hash.hash/hash'
const shared = 'node-name: ocean\nkubelet-arg:\n  - max-pods=110\n'

describe('attack 3: a secret that somebody has put into a file on a host is not in the diff', () => {
  /** Each text, and what must not be found of it. */
  it.each<[string, string, readonly string[]]>([
    ["k3s's token", `token: ${token}\n`, [token, token.slice(-32), token.slice(3, 40)]],
    ['a token in an argument', `ExecStart=/usr/bin/k3s server --token ${token}\n`, [token.slice(-32)]],
    ['a token under a name that does not say so', `node-label: ${hex}\n`, [hex]],
    ['a password that is a word', 'password: hunter\n', ['hunter']],
    ['a password that is some words', 'wifi password is correct horse battery\n', ['correct', 'horse', 'battery']],
    ['a password below its name', 'password: |\n  correct\n  horse\n', ['correct', 'horse']],
    ['a list of tokens', 'tokens:\n- alpha\n- bravo\n', ['alpha', 'bravo']],
    ['a nested secret', 'auth:\n  user: alice\n  value: sesame\n', ['alice', 'sesame']],
    ['a secret in JSON', '{"a": 1, "secret": "sesame", "b": "opensesame"}\n', ['sesame']],
    ['the password of a URL', 'url: postgres://k3s:sesame@db.example/k3s\n', ['sesame']],
    ['the password of a URL, with every separator in it', 'url: postgres://k3s:a(b:sesame,c=d&e@db/k3s\n', ['sesame']],
    ['the password of a data source', 'source: root:sesame@tcp(10.0.0.1:3306)/k3s\n', ['sesame']],
    ['the password of curl', 'curl -u alice:sesame https://example.com\n', ['sesame']],
    ['a variable', 'Environment=K3S_TOKEN=sesame\n', ['sesame']],
    ['a variable whose name does not say so', 'Environment=FOO=sesame\n', ['sesame']],
    ['a comment', '# the root pw: sesame\n', ['sesame']],
    ['a word alone on a line', 'sesame\n', ['sesame']],
    [
      'a private key',
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64}\nAAAAB\n-----END OPENSSH PRIVATE KEY-----\n`,
      [base64, 'AAAAB'],
    ],
    ['a private key, indented', `ca: |\n  -----BEGIN EC PRIVATE KEY-----\n  ${base64}\n  AAAAB\n`, [base64, 'AAAAB']],
    [
      'the key of a kubeconfig',
      `    client-key-data: ${Buffer.from(base64).toString('base64')}\n`,
      [Buffer.from(base64).toString('base64')],
    ],
    ['a key of age', 'identity: AGE-SECRET-KEY-1QQQQQQQQQQQQQQ\n', ['QQQQ']],
    ['a JWT', 'value: eyJhbGciOi.eyJzdWIiOi.c2ln\n', ['eyJ', 'c2ln']],
    ['a bootstrap token', 'value: abcdef.0123456789abcdef\n', ['0123456789abcdef']],
    ['a Secret', 'kind: Secret\nstringData:\n  a: sesame\n', ['sesame']],
  ])('%s', (_what, text, secrets) => {
    for (const [held, wanted] of [
      [`${shared}${text}`, shared],
      [`${text}${shared}`, shared],
      [text, shared],
      // the line is in the inventory too, in clear text, and something else differs
      [`${shared}${text}a: 1\n`, `${shared}${text}a: 2\n`],
    ] as const) {
      const shown = diff(held, wanted)
      // what is below would be true of an empty diff, too
      expect(shown).toMatch(/^@@ |may hold a secret/)
      if (held.endsWith('a: 1\n') && !isNamed(text)) continue
      for (const secret of secrets) expect(shown).not.toContain(secret)
    }
  })

  /** What nothing but its name, place or form tells from other text, keel shows if the inventory has it in clear text. */
  function isNamed(text: string): boolean {
    return !/FOO|^sesame/.test(text)
  }

  test.each([
    '/etc/app/token',
    '/etc/app/db-password.txt',
    '/root/.ssh/id_ed25519',
    '/etc/ssl/a.key',
    '/opt/app/.env',
    '/etc/rancher/kubeconfig.yaml',
  ])('nothing of %s is shown', (path) => {
    expect(diff('a: 1\nsesame: 2\n', 'a: 2\n', path)).toBe('its content is not shown: it may hold a secret')
  })

  it.each<[string, string, string]>([
    ['a PIN', 'PIN_CODE=1234\n', '1234'],
    ['a PIN in camel case', 'pinCode: 1234\n', '1234'],
    ['a one-time password', 'otp: 123456\n', '123456'],
    ['a short code', 'code: 8765\n', '8765'],
    ['a number without a telling name', 'level: 87654321\n', '87654321'],
    ['groups of digits', 'level: 12345678-1234-1234\n', '1234'],
    ['groups of digits as a name', '1234-5678-9012: 1\n', '1234'],
    ['a code of recovery', 'recovery: 123456-234567-345678\n', '234567'],
    ['a passphrase of LUKS', 'luks: 12345678-1234-1234\n', '1234'],
    ['the password of a user', 'curl -u admin:12345678\n', '12345678'],
    ['the short password of a user', 'curl -u admin:1234\n', '1234'],
    ['a user in arguments', 'args:\n- -u\n- 1234\n', '1234'],
    ['an element', '<password>\n1234\n</password>\n', '1234'],
    ['an element with attributes', '<entry name="password">\n1234\n</entry>\n', '1234'],
    ['a quote', 'PASSWORD="\n1234\n"\n', '1234'],
    ['a quote that begins with a part', "password='abc\n1234'\n", '1234'],
    ['a quote that opens before the word', 'TEXT="the password:\n1234"\n', '1234'],
    ['a quote behind another one', 'password="a" pin="b\n1234"\n', '1234'],
    ['a quote with an escaped one', 'password="a\\"b\n1234"\n', '1234'],
    ['a quote that opens where another closes', 'password="a\nb" pin="c\n1234"\n', '1234'],
    ['a quote on a long line', `password="${'a '.repeat(600)}\n1234"\n`, '1234'],
    ['base64 in quotes, whose padding is no assignment', 'name: "AaaAaaAA/AaaAaa=" # comment\n', 'AaaAaaAA'],
    ['base64 alone in quotes', "- 'AaaAaaAA/AaaAaa='\n", 'AaaAaaAA'],
    ['lines below a long one', `key: ${'a '.repeat(600)}\n  1234\n`, '1234'],
    ['a private key that begins on a long line', `${'a '.repeat(600)}-----BEGIN RSA PRIVATE KEY-----\n1234\n`, '1234'],
  ])('of a host, %s', (_what, text, secret) => {
    const shown = diff(`a: 1\n${text}`, 'a: 2\n')
    expect(shown).toMatch(/^@@ /)
    expect(shown).toContain('[hidden]')
    expect(shown).not.toContain(secret)
  })

  it.each<[string, string, string]>([
    ["k3s's token", `x: K10${lowerHex}::server:${lowerHex.slice(32)}`, lowerHex.slice(0, 16)],
    ['32 characters of hex', `x: ${lowerHex.slice(32)}`, lowerHex.slice(0, 16)],
    ['48 characters of hex', `x: ${lowerHex.slice(16)}`, lowerHex.slice(0, 16)],
    ['hex in capitals', `x: ${lowerHex.toUpperCase()}`, '89ABCDEF'],
    ['a bootstrap token', 'x: abcdef.0123456789abcdef', '0123456789abcdef'],
    ['the password of a user', 'curl -u admin:hunter2', 'hunter2'],
    ['the password of a user, quoted', 'curl -u "admin:hunter 2"', 'hunter'],
    ['the password of an option', 'sshpass -p hunter2 ssh', 'hunter2'],
    ['a user in arguments', '["-u", "admin:hunter2"]', 'hunter2'],
    ['a user below its option', '- -u\n- admin:hunter2', 'hunter2'],
    ['a hash of yescrypt', `x: ${crypted}`, 'salt'],
    ['a hash of SHA-512', 'x: $6$salt$hash', 'salt'],
    ['a hash with its parameters', 'root:$argon2id$v=19$m=65536,t=3,p=4$salt$hash', 'salt'],
    ['a quote', 'password="\nhunter\n"', 'hunter'],
  ])('of the inventory, %s', (_what, text, secret) => {
    const shown = diff('a: 1\n', `a: 2\n${text}\n`)
    expect(shown).toMatch(/^@@ /)
    expect(shown).toContain('[hidden]')
    expect(shown).not.toContain(secret)
  })

  test('any text that the inventory does not have too, under any name', () => {
    const secret = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9+/_!$%-]{8,40}$/),
      fc.base64String({ minLength: 12 }),
      fc.uuid(),
      fc.constantFrom('correcthorse', 'Tr0ub4dor&3', 'hunter2', 'abcd-efgh-ijkl'),
    )
    const line = fc.constantFrom<(value: string) => string>(
      (value) => `name: ${value}`,
      (value) => `name: "${value}" # comment`,
      (value) => `name=${value}`,
      (value) => `  - ${value}`,
      (value) => `--flag ${value}`,
      (value) => `--flag='${value}'`,
      (value) => value,
    )
    // a number, an option or the path of a file
    const looksHarmless = /^v?\d[\d./+-]+[a-zA-Z%]{0,3}$|^--|^\/|^[-+/%]+$/
    fc.assert(
      fc.property(secret, line, (value, make) => {
        fc.pre(!looksHarmless.test(value) && !shared.includes(value))
        expect(diff(`${shared}${make(value)}\n`, shared)).not.toContain(value)
      }),
      { numRuns: 1000 },
    )
  })

  test('the hunt finds what is there: the same lines with what the inventory has, too', () => {
    expect(diff(`${shared}other: sesame\n`, `${shared}name: sesame\n`)).toContain('-other: sesame')
    expect(diff(`${shared}other: sesame\n`, shared)).toContain('-other: [hidden]')
  })
})

describe('a diff shows', () => {
  test('what differs, as `diff -u` does', () => {
    const lines = Array.from({ length: 12 }, (_, index) => `a${index}: on`)
    const held = ['kubelet-arg:', '  - "max-pods=110"', ...lines, 'cluster-cidr: 10.42.0.0/16', 'extra: true', ''].join(
      '\n',
    )
    const wanted = ['kubelet-arg:', '  - "max-pods=42"', ...lines, 'cluster-cidr: 10.43.0.0/16', ''].join('\n')
    expect(diff(held, wanted)).toBe(`@@ -1,5 +1,5 @@
 kubelet-arg:
-  - "max-pods=110"
+  - "max-pods=42"
 a0: on
 a1: on
 a2: on
@@ -12,5 +12,4 @@
 a9: on
 a10: on
 a11: on
-cluster-cidr: 10.42.0.0/16
-extra: true
+cluster-cidr: 10.43.0.0/16`)
  })

  test('of an older unit its names, numbers, options and paths', () => {
    const held = `[Service]\nExecStart=/usr/local/bin/k3s server --flannel-backend=host-gw
RestartSec=5s\nLimitNOFILE=1048576\nEnvironment=HTTP_PROXY=http://proxy.example:3128\n`
    expect(diff(held, '[Service]\nExecStart=/usr/local/bin/k3s server\n')).toContain(
      `-ExecStart=/usr/local/bin/k3s server --flannel-backend=[hidden]
-RestartSec=5s
-LimitNOFILE=1048576
-Environment=HTTP_PROXY=[hidden]:[hidden]:3128`,
    )
  })

  test.each([
    'net.core.somaxconn = 65535',
    'fs.inotify.max_user_watches = 524288',
    'RestartSec=300ms',
    'cluster-cidr: 10.42.0.0/16',
    'version: v1.36.2-rc1+k3s1',
    'memory: 1.5Gi',
    'mode: 0600',
    'ping: 10',
    'logind: 10',
    'apiVersion: v1',
  ])('of the host, %s', (line) => {
    expect(diff(`${line}\n`, `${line.replace(/[:=].*/, '= x')}\n`)).toContain(`-${line}`)
  })

  test.each([
    `sha256: ${'0123456789abcdef'.repeat(4)}`,
    `image: registry.example/pause@sha256:${'0123456789abcdef'.repeat(4)}`,
    `"checksum": "${'0123456789abcdef'.repeat(4)}"`,
    'mkdir -p -- "$folder"',
    "# don't write here: the host's label",
    'node-ip: 10.0.0.2 # the code of <node> is below',
  ])('of the inventory, what is no secret: %s', (line) => {
    const shown = diff('a: 1\n', `${line}\na: 2\n`)
    expect(shown).toContain('+a: 2')
    if (!/pause@|code/.test(line)) expect(shown).toContain(`+${line}`)
    if (line.includes('pause@')) expect(shown).toContain(`@sha256:${lowerHex}`)
  })

  test('nothing of a line without end, but of what is below it', () => {
    expect(diff('a: 1\n', `x: ${'word '.repeat(300)}\na: 2\n`)).toContain('+[hidden]\n+a: 2')
  })

  test('nothing of a wanted file that is too large to read', () => {
    expect(diff('a: 1\n', 'a: 2\n'.repeat(20_000))).toBe('its content is not shown: it is too large')
  })

  test.each<[HeldContent, string]>([
    [{ kind: 'binary' }, 'it is binary'],
    [{ kind: 'large' }, 'it is too large'],
    [{ kind: 'unread' }, 'the host did not show it'],
  ])('why there is none: %o', (held, why) => {
    expect(plainText(fileDiff('/a', held, 'x\n'))).toBe(`its content is not shown: ${why}`)
  })

  test('only the beginning of a long one', () => {
    const numbers = (from: number) => Array.from({ length: 100 }, (_, index) => `n: ${from + index}\n`).join('')
    const lines = diff(numbers(0), numbers(1000)).split('\n')
    expect(lines).toHaveLength(61)
    expect(lines.at(-1)).toBe('… 141 more lines')
  })

  test('in time, of two files that have nothing in common', () => {
    const text = (letter: string) => Array.from({ length: 20_000 }, (_, index) => `${letter}${index}`).join('\n')
    const started = performance.now()
    diff(text('a'), text('b'))
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
