import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { namesByNix, rulesByNix } from '../../../src/agenix/nix-program.ts'
import { readAgenixRepository } from '../../../src/agenix/read-repository.ts'
import { secretsNix } from '../../../src/agenix/secrets-nix.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { agenixForms, saidBy } from '../../support/secrets/agenix-forms.ts'
import { admin, clusterWith, host, newKey, rule, run } from '../../support/secrets/secret-keys.ts'

/** Nix itself, as agenix runs it. */
const root = mkdtempSync(join(tmpdir(), 'keel-agenix-'))
const path = (name: string) => join(root, name)
const env = { PATH: process.env.PATH, HOME: root }
afterAll(() => rmSync(root, { recursive: true }))

const byNix = async (text: string) => {
  writeFileSync(path('secrets.nix'), text)
  return saidBy(await rulesByNix(path('secrets.nix'), env))
}
const namesIn = async (text: string) => {
  writeFileSync(path('secrets.nix'), text)
  return (await namesByNix(path('secrets.nix'), env)).map(({ path, key }) => `${path.join('.')}: ${key}`)
}

describe('Nix reads', () => {
  test.each(agenixForms.flatMap((form) => ('says' in form ? [form] : [])))('$name', async ({ text, says }) => {
    expect(await byNix(text)).toEqual(says)
  })

  test.each(agenixForms.filter((form) => 'refuses' in form))('and refuses $name', async ({ text }) => {
    await expect(byNix(text)).rejects.toMatchObject({ code: 'agenix-nix', exit: 2 })
  })

  test('what it refuses is said with its line', async () => {
    await expect(byNix('{\n  a.publicKeys = [ ]\n}')).rejects.toMatchObject({ at: `${path('secrets.nix')}:3:1` })
  })

  test('one that never ends is not waited for, and is refused', async () => {
    writeFileSync(path('endless.nix'), 'let f = x: f (x + 1); in { "x".publicKeys = f 1; }')
    const start = performance.now()
    await expect(rulesByNix(path('endless.nix'), env)).rejects.toMatchObject({ code: 'agenix-nix' })
    expect(performance.now() - start).toBeLessThan(30_000)
  })

  test('and where it is not installed, the message says how to get it', async () => {
    const { exit, err } = await keel(root, ['init', 'none', '--yes', '--from-agenix', 'endless.nix'], '', {
      env: { HOME: root, PATH: '/nowhere' },
    })
    expect(exit).toBe(2)
    expect(err).toMatch(/nix-instantiate is not installed here[\s\S]*apt-get install nix-bin/)
  })
})

describe('the names of keys', () => {
  test('are those of the let, however deep, of its imports, and of its lists', async () => {
    writeFileSync(path('keys.nix'), '{ hosts.maia.ed25519 = "ssh-ed25519 M"; }')
    writeFileSync(path('two.pub'), 'ssh-ed25519 T1 ada@x\nssh-ed25519 T2\n')
    const text = `let
      lib = { key = "ssh-ed25519 NO"; };
      users = { "me@here" = "ssh-ed25519 A"; two = builtins.readFile ./two.pub; };
      ocean = "ssh-ed25519 B"; n = "x"; f = { x ? "in" }: x;
      systems = [ ocean n ];
      broken = throw "not yet";
      inherit (import ./keys.nix) hosts;
    in with hosts; let late = maia.ed25519; in { "x".publicKeys = [ ]; }`
    expect(await namesIn(text)).toEqual([
      'hosts.maia.ed25519: ssh-ed25519 M',
      'ocean: ssh-ed25519 B',
      'systems.: ssh-ed25519 B',
      'users.me@here: ssh-ed25519 A',
      'users.two: ssh-ed25519 T1 ada@x',
      'users.two: ssh-ed25519 T2',
      'maia.ed25519: ssh-ed25519 M',
      'late: ssh-ed25519 M',
    ])
  })

  test('are read from the text where one binding that nothing uses is wrong', async () => {
    writeFileSync(path('odd.nix'), `let a = "ssh-ed25519 A"; wrong = a.b; in { "x.age".publicKeys = [ a ]; }`)
    expect(await readAgenixRepository(path('odd.nix'), path('nowhere'), env)).toEqual({
      rules: [{ file: 'x.age', keys: ['ssh-ed25519 A'], armor: false }],
      names: [{ place: 'let', path: ['a'], key: 'ssh-ed25519 A' }],
      machines: new Map(),
    })
  })
})

test('Nix reads the secrets.nix that keel writes as secrets.ts says', async () => {
  const people = [
    admin('me', newKey('ssh-ed25519')),
    admin('with', newKey('age1pq1')),
    host('a.b', newKey('ssh-ed25519')),
  ]
  const text = secretsNix(clusterWith([rule('one', people), rule('two', people.slice(0, 1), { armor: true })], people))
  expect(await byNix(text)).toEqual({
    'secrets/one.age': people.map(({ key }) => key),
    'secrets/two.age!': [people[0]?.key],
  })
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

  test('becomes an inventory', async () => {
    const argv = [
      'init',
      'new',
      '--yes',
      '--from-agenix',
      'repo/secrets.nix',
      '-i',
      path('me'),
      '--host',
      'name=ocean,address=root@192.0.2.1',
    ]
    const { exit, err } = await keel(root, argv, '', { env: { HOME: root, PATH: process.env.PATH } })
    expect(exit, err).toBe(0)
    expect(err).toMatch(/k3s-server-token: K3S10… is not K10…: k3s uses the whole text/)
    expect(err).toMatch(/k3s-agent-token: K10:: without a hash/)
    expect(err).toMatch(/not taken over: elsewhere\/Odd Name\.age/)
    expect(err).toMatch(/not taken over: secrets\/k3s-server-ca-key\.age: a running cluster needs no CA key/)
    expect(err).not.toContain('planted')
    const made = path('new')
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
      out: expect.stringContaining('secrets/k3s-agent-token.age: host ocean cannot read it (keel rekey)\n2 of 3'),
    })
    expect((await keel(made, ['rekey', '-i', path('me')])).exit).toBe(0)
    expect((await keel(made, ['render'])).exit).toBe(0)
    expect((await keel(made, ['rekey', '--check'])).out).toBe('3 of 3 secrets are up to date\n')
  })

  test('goes on with agenix beside keel: what agenix encrypts by the rendered rules, keel finds right', async () => {
    const made = path('new')
    const before = readFileSync(join(made, 'secrets/wifi.age'))
    // agenix -r: each file decrypted and encrypted to the keys that Nix reads out of secrets.nix
    for (const { file, keys } of await rulesByNix(join(made, 'secrets.nix'), env)) {
      const value = run('age', ['-d', '-i', path('me'), join(made, file)])
      run('age', ['-o', join(made, file), ...keys.flatMap((key) => ['-r', key])], value)
    }
    expect(readFileSync(join(made, 'secrets/wifi.age'))).not.toEqual(before)
    expect(await keel(made, ['rekey', '--check'])).toMatchObject({ exit: 0, out: '3 of 3 secrets are up to date\n' })
  })

  test('becomes an inventory where it is, and nothing that was there changes', async () => {
    writeFileSync(join(repo, '.gitignore'), 'result\n')
    const [rules, wifi] = ['secrets.nix', 'secrets/wifi.age'].map((file) => readFileSync(join(repo, file)))
    const { exit, err } = await keel(repo, ['init', '.', '--yes', '--from-agenix', 'secrets.nix', '--name', 'home'])
    expect(exit, err).toBe(0)
    expect(['secrets.nix', 'secrets/wifi.age'].map((file) => readFileSync(join(repo, file)))).toEqual([rules, wifi])
    expect(readFileSync(join(repo, '.gitignore'), 'utf8')).toBe('result\n')
    expect(await keel(repo, ['render'])).toMatchObject({ exit: 2, err: expect.stringContaining('not written by keel') })
    expect((await keel(repo, ['rekey', '--check'])).out).not.toContain('secrets/k3s-server-ca-key.age')
    expect((await keel(repo, ['init', '.', '--yes', '--from-agenix', 'secrets.nix'])).err).toContain(
      'the folder already has an inventory',
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
    expect(err).toContain('secrets/secrets.nix: keel does not update this file')
    expect(await keel(home, ['rekey', '--check'])).toMatchObject({ exit: 0, out: '3 of 3 secrets are up to date\n' })
  })

  test('with keys that keel can’t encrypt to is refused: which rule, why, and what to do', async () => {
    writeFileSync(
      path('yubi.nix'),
      `{ "a.age".publicKeys = [ "age1yubikey1q" "sk-ssh-ed25519@openssh.com AAAA" "${me.recipient}" ]; }`,
    )
    const { exit, err } = await keel(root, ['init', 'yubi', '--yes', '--from-agenix', 'yubi.nix'])
    expect(exit).toBe(2)
    expect(err.match(/^the rule a\.age: .*\n {2}why: .*\n {2}do: {2}replace that key in secrets\.nix/gm)).toHaveLength(
      2,
    )
  })

  test('without a host that can be guessed says what was looked for', async () => {
    writeFileSync(path('nobody.nix'), `{ "a.age".publicKeys = [ "${me.recipient}" ]; }`)
    expect(await keel(root, ['init', 'nobody', '--yes', '--from-agenix', 'nobody.nix'])).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/no hosts given\n {2}why: secrets\.nix has none: .*\n {2}do: {2}give --host/),
    })
  })
})
