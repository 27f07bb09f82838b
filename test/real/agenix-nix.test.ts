import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evaluateWithNix } from '../../src/agenix/nix-program.ts'
import { readAgenixRules } from '../../src/agenix/rules.ts'
import { secretsNix } from '../../src/agenix/secrets-nix.ts'
import { admin, clusterWith, host, newKey, rule, run } from '../fast/secrets/keys.ts'
import { agenixForms, saidBy } from '../support/agenix-forms.ts'
import { keel } from '../support/keel-in-process.ts'

/** Nix itself, as agenix runs it, beside keel's reader and printer. */
const root = mkdtempSync(join(tmpdir(), 'keel-agenix-'))
const path = (name: string) => join(root, name)
const env = { PATH: process.env.PATH, HOME: root }
afterAll(() => rmSync(root, { recursive: true }))

const byNix = async (text: string) => {
  writeFileSync(path('secrets.nix'), text)
  return saidBy((await evaluateWithNix(path('secrets.nix'), env)) ?? expect.unreachable('install nix-bin'))
}
const byKeel = (text: string) => saidBy(readAgenixRules(text, () => expect.unreachable()).rules)

describe('keel’s reader and Nix', () => {
  test.each(agenixForms.filter(({ says, nix }) => says !== undefined && nix === undefined))(
    'read the same: $name',
    async ({ text, says }) => {
      expect(await byNix(text)).toEqual(says)
    },
  )

  test.each(agenixForms.filter(({ nix }) => nix === 'refuses'))('Nix refuses $name', async ({ text }) => {
    await expect(byNix(text)).rejects.toMatchObject({ code: 'agenix-nix', exit: 2 })
  })

  test('what Nix refuses is said with its line', async () => {
    await expect(byNix('{\n  a.publicKeys = [ ]\n}')).rejects.toMatchObject({ at: `${path('secrets.nix')}:3:1` })
  })

  test('read the same of rules that are put together at random', async () => {
    const name = fc.constantFrom('a', 'b', "c'", 'd-e', '_f')
    const key = fc.oneof(
      name.map((each) => each),
      fc.string({ maxLength: 8 }).map((text) => quote(text)),
    )
    const list: fc.Arbitrary<string> = fc.letrec<{ list: string }>((tie) => ({
      list: fc.oneof(
        { maxDepth: 3 },
        fc.array(key, { maxLength: 4 }).map((items) => `[ ${items.join(' ')} ]`),
        fc.tuple(tie('list'), tie('list')).map(([one, two]) => `(${one} ++ ${two})`),
        fc.tuple(name, tie('list')).map(([each, inner]) => `(let ${each} = "let"; in ${inner})`),
        tie('list').map((inner) => `(with { a = "with"; g = "with"; }; ${inner})`),
        fc
          .array(fc.tuple(name, key), { maxLength: 3 })
          .map((pairs) => `(builtins.attrValues { ${[...new Map(pairs)].map(([n, k]) => `${n} = ${k};`).join(' ')} })`),
      ),
    })).list
    const file = fc.string({ maxLength: 6 })
    const rules = fc
      .array(fc.tuple(file, list), { maxLength: 4 })
      .map(
        (all) =>
          `let a = "1"; b = a; c' = "3"; d-e = c'; _f = "\\n"; in {\n${[...new Map(all)].map(([f, l]) => `  ${quote(f)}.publicKeys = ${l};`).join('\n')}\n}`,
      )
    await fc.assert(
      fc.asyncProperty(rules, async (text) => {
        expect(byKeel(text)).toEqual(await byNix(text))
      }),
      { numRuns: 150 },
    )
  })

  test('one that never ends is not waited for, and one that can’t be read is said', async () => {
    writeFileSync(path('endless.nix'), 'let f = x: f (x + 1); in { "x".publicKeys = f 1; }')
    const start = performance.now()
    await expect(evaluateWithNix(path('endless.nix'), env)).rejects.toMatchObject({ code: 'agenix-nix' })
    expect(performance.now() - start).toBeLessThan(30_000)
  })

  test('without Nix there is keel’s reader', async () => {
    expect(await evaluateWithNix(path('secrets.nix'), { PATH: root })).toBeUndefined()
  })
})

/** JSON's escapes are Nix's but for the `$`; what Nix can't say in a string is left out. */
function quote(text: string): string {
  return JSON.stringify(text.replace(/[^\x20-\x7e]/g, '')).replaceAll('${', '\\${')
}

test('Nix reads the secrets.nix that keel writes as secrets.ts says', async () => {
  const people = [admin('me', newKey('ssh-ed25519')), admin('with', newKey('age1pq1')), host('a.b', newKey('ssh-ed25519'))]
  const text = secretsNix(clusterWith([rule('one', people), rule('two', people.slice(0, 1), { armor: true })], people))
  expect(await byNix(text)).toEqual({ 'secrets/one.age': people.map(({ key }) => key), 'secrets/two.age!': [people[0]?.key] })
})

describe('an agenix repository', () => {
  const [me, ocean, maia] = [newKey('ssh-ed25519'), newKey('ssh-ed25519'), newKey('ssh-ed25519')]
  const repo = path('repo')
  const encrypt = (file: string, value: string, ...readers: { recipient: string }[]) =>
    run('age', ['-o', join(repo, file), ...readers.flatMap(({ recipient }) => ['-r', recipient])], value)

  beforeAll(() => {
    run('mkdir', ['-p', join(repo, 'secrets')])
    writeFileSync(path('me'), me.privateText)
    writeFileSync(
      join(repo, 'secrets.nix'),
      `let
  users = { ncrmro = "${me.recipient} ncrmro"; };
  systems = { ocean = "${ocean.recipient}"; maia = "${maia.recipient}"; };
in {
  "secrets/k3s-server-token.age".publicKeys = [ users.ncrmro systems.ocean ];
  "secrets/k3s-agent-token.age".publicKeys = [ users.ncrmro systems.maia ];
  "secrets/wifi.age".publicKeys = [ users.ncrmro ];
  "secrets/k3s-server-ca-key.age".publicKeys = [ users.ncrmro ];
  "elsewhere/Odd Name.age".publicKeys = [ users.ncrmro ];
}
`,
    )
    encrypt('secrets/k3s-server-token.age', 'K3S10::server:planted', me, ocean)
    encrypt('secrets/k3s-agent-token.age', 'K10::node:planted', me, maia)
    encrypt('secrets/wifi.age', 'planted wifi', me)
    encrypt('secrets/k3s-server-ca-key.age', 'planted', me)
  })

  test.each([
    ['Nix', process.env.PATH],
    ['keel’s reader', '/nowhere'],
  ])('becomes an inventory, read by %s', async (by, PATH) => {
    const argv = [
      'init',
      `new ${by.length}`,
      '--yes',
      '--from-agenix',
      'repo/secrets.nix',
      '-i',
      path('me'),
      '--host',
      'name=ocean,address=root@192.0.2.1',
    ]
    const { exit, err } = await keel(root, argv, '', { env: { HOME: root, PATH } })
    expect(exit, err).toBe(0)
    expect(err).toContain(`read by ${by.replace('’', "'")}`)
    expect(err).toMatch(/k3s-server-token: K3S10… is not K10…: k3s takes the whole text/)
    expect(err).toMatch(/k3s-agent-token: K10:: without a hash/)
    expect(err).toMatch(/not taken over: elsewhere\/Odd Name\.age/)
    expect(err).toMatch(/not taken over: secrets\/k3s-server-ca-key\.age: a running cluster needs no CA key/)
    expect(err).not.toContain('planted')
    const made = path(`new ${by.length}`)
    for (const name of ['k3s-server-token', 'k3s-agent-token', 'wifi'])
      expect(readFileSync(join(made, `secrets/${name}.age`))).toEqual(readFileSync(join(repo, `secrets/${name}.age`)))
    expect(readFileSync(join(made, 'hosts/ocean/host.ts'), 'utf8')).toMatch(
      /os: 'nixos',\s+role: 'server',\s+address: 'root@192.0.2.1'/,
    )
    expect(readFileSync(join(made, 'hosts/maia/host.ts'), 'utf8')).toMatch(/role: 'agent'/)
    // servers must hold the agents' token too: the one file that is out of date
    const check = await keel(made, ['rekey', '--check'])
    expect(check).toMatchObject({
      exit: 3,
      out: expect.stringContaining("secrets/k3s-agent-token.age: can't be read by host ocean (keel rekey)\n2 of 3"),
    })
    expect((await keel(made, ['rekey', '-i', path('me')])).exit).toBe(0)
    expect((await keel(made, ['render'])).exit).toBe(0)
    expect((await keel(made, ['rekey', '--check'])).out).toBe('3 of 3 secrets are right\n')
  })

  test('goes on with agenix beside keel: what agenix encrypts by the rendered rules, keel finds right', async () => {
    const made = path('new 3')
    const before = readFileSync(join(made, 'secrets/wifi.age'))
    // agenix -r: each file decrypted and encrypted to the keys that Nix reads out of secrets.nix
    for (const { file, keys } of (await evaluateWithNix(join(made, 'secrets.nix'), env)) ?? []) {
      const value = run('age', ['-d', '-i', path('me'), join(made, file)])
      run('age', ['-o', join(made, file), ...keys.flatMap((key) => ['-r', key])], value)
    }
    expect(readFileSync(join(made, 'secrets/wifi.age'))).not.toEqual(before)
    expect(await keel(made, ['rekey', '--check'])).toMatchObject({ exit: 0, out: '3 of 3 secrets are right\n' })
  })

  test('becomes an inventory where it is, and nothing that was there changes', async () => {
    writeFileSync(join(repo, '.gitignore'), 'result\n')
    const [rules, wifi] = ['secrets.nix', 'secrets/wifi.age'].map((file) => readFileSync(join(repo, file)))
    const { exit, err } = await keel(repo, ['init', '.', '--yes', '--from-agenix', 'secrets.nix', '--name', 'home'])
    expect(exit, err).toBe(0)
    expect(['secrets.nix', 'secrets/wifi.age'].map((file) => readFileSync(join(repo, file)))).toEqual([rules, wifi])
    expect(readFileSync(join(repo, '.gitignore'), 'utf8')).toBe('result\n')
    expect(await keel(repo, ['render'])).toMatchObject({ exit: 2, err: expect.stringContaining('not written by keel') })
    expect((await keel(repo, ['rekey', '--check'])).out).toContain('secrets/k3s-server-ca-key.age: no secret of the inventory')
    expect((await keel(repo, ['init', '.', '--yes', '--from-agenix', 'secrets.nix'])).err).toContain(
      'there is an inventory already',
    )
  })

  test('laid out as agenix’s tutorial has it becomes an inventory: secrets/secrets.nix, lists of names', async () => {
    const home = path('tutorial')
    run('mkdir', ['-p', join(home, 'secrets'), join(home, '.keel')])
    writeFileSync(join(home, 'flake.nix'), '{ }')
    // of an inventory that was here before
    writeFileSync(join(home, '.keel/.gitignore'), 'older\n')
    writeFileSync(
      join(home, 'secrets/secrets.nix'),
      `let
  user1 = "${me.recipient}";
  users = [ user1 ];
  system1 = "${ocean.recipient}";
  system2 = "${maia.recipient}";
  systems = [ system1 system2 ];
in {
  "k3s-server-token.age".publicKeys = [ user1 system1 ];
  "k3s-agent-token.age".publicKeys = users ++ systems;
  "wifi.age".publicKeys = [ user1 system2 ];
}
`,
    )
    for (const [file, ...readers] of [
      ['k3s-server-token', ocean],
      ['k3s-agent-token', ocean, maia],
      ['wifi', maia],
    ] as const)
      run(
        'age',
        ['-o', join(home, `secrets/${file}.age`), ...[me, ...readers].flatMap((key) => ['-r', key.recipient])],
        'K10::node:x',
      )
    const { exit, err } = await keel(home, ['init', '.', '--yes', '--from-agenix', 'secrets/secrets.nix'])
    expect(exit, err).toBe(0)
    expect(err).toMatch(/host system1: server, nixos[\s\S]*host system2: agent, nixos/)
    expect(err).toContain('secrets/secrets.nix: keel does not follow it')
    expect(await keel(home, ['rekey', '--check'])).toMatchObject({ exit: 0, out: '3 of 3 secrets are right\n' })
  })

  test('with keys that keel can’t encrypt to is refused: which rule, why, and what to do', async () => {
    writeFileSync(
      path('yubi.nix'),
      `{ "a.age".publicKeys = [ "age1yubikey1q" "sk-ssh-ed25519@openssh.com AAAA" "${me.recipient}" ]; }`,
    )
    const { exit, err } = await keel(root, ['init', 'yubi', '--yes', '--from-agenix', 'yubi.nix'])
    expect(exit).toBe(2)
    expect(err.match(/^the rule a\.age: .*\n {2}why: .*\n {2}do: {2}take that key out of secrets\.nix/gm)).toHaveLength(2)
  })

  test('without a host that can be guessed says what was looked for', async () => {
    writeFileSync(path('nobody.nix'), `{ "a.age".publicKeys = [ "${me.recipient}" ]; }`)
    expect(await keel(root, ['init', 'nobody', '--yes', '--from-agenix', 'nobody.nix'])).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/no hosts given\n {2}why: secrets\.nix shows none: .*\n {2}do: {2}give --host/),
    })
  })
})
