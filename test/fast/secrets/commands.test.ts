import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { keel } from '../../support/keel/keel-in-process.ts'
import {
  copy,
  founded,
  foundInventory,
  inventory,
  maia,
  stranger,
  write,
} from '../../support/secrets/secrets-inventory.ts'

beforeAll(foundInventory)

describe('keel secret', () => {
  test('show gives the bytes that set was given, to a reader only', async () => {
    expect(await keel(founded, ['secret', 'show', 'own', '-i', 'me'])).toEqual({
      exit: 0,
      out: 'planted-value\n',
      err: '',
    })
    const refused = await keel(founded, ['secret', 'show', 'own', '-i', 'stranger'])
    expect(refused).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('encrypted to admin me') })
  })

  test('show tries every --identity in turn', async () => {
    expect(await keel(founded, ['secret', 'show', 'own', '-i', 'stranger', '-i', 'me'])).toMatchObject({ exit: 0 })
  })

  test('ls names readers and state, and as JSON', async () => {
    const { out } = await keel(founded, ['secret', 'ls'])
    expect(out).toContain('own  secrets/own.age  up to date\n  admin me\n')
    const listed: unknown = JSON.parse((await keel(founded, ['secret', 'ls', '--json'])).out)
    expect(listed).toEqual({ time: expect.stringMatching(/^\d{4}-.*Z$/), secrets: expect.anything() })
    expect(listed).toMatchObject({
      secrets: expect.arrayContaining([
        {
          name: 'own',
          file: 'secrets/own.age',
          readers: [{ kind: 'admin', name: 'me' }],
          state: 'fresh',
          detail: 'up to date',
        },
      ]),
    })
  })

  test.each([
    ['an unknown name', ['secret', 'show', 'owm', '-i', 'me'], '', 2, /did you mean 'own'/],
    ['no private key', ['secret', 'show', 'own'], '', 2, /--identity/],
    [
      'an identity that is not there',
      ['secret', 'show', 'own', '-i', 'nowhere'],
      '',
      2,
      /nowhere: no private key there/,
    ],
    ['an empty value', ['secret', 'set', 'own'], '', 2, /the value is empty/],
    [
      'a token that k3s would not take',
      ['secret', 'set', 'k3s-server-token'],
      'K10abc::server:planted-value',
      2,
      /64 hex/,
    ],
    ['the key of another CA', ['secret', 'set', 'k3s-server-ca-key'], 'planted-value', 2, /not a private key/],
    [
      'a public key for an identity',
      ['secret', 'show', 'own', '-i', 'secrets/server-ca.crt'],
      '',
      2,
      /no SSH private key/,
    ],
  ])('says what to do about %s, repeats no value and changes nothing', async (_, argv, stdin, exit, message) => {
    const directory = copy()
    const result = await keel(directory, argv, stdin)
    expect(result).toMatchObject({ exit, err: expect.stringMatching(message) })
    expect(result.out + result.err).not.toContain('planted-value')
    for (const name of ['own', 'k3s-server-token']) {
      expect(readFileSync(join(directory, `secrets/${name}.age`))).toEqual(
        readFileSync(join(founded, `secrets/${name}.age`)),
      )
    }
  })
})

describe('keel rekey', () => {
  test('--check is content with what rekey made, without any private key', async () => {
    expect(await keel(founded, ['rekey', '--check'])).toMatchObject({ exit: 0, out: '4 of 4 secrets are up to date\n' })
  })

  test('--check names each stale file, the reader and the cure: exit 3; rekey mends just that', async () => {
    const directory = copy()
    write(directory, inventory("'me', 'maia'"))
    const checked = await keel(directory, ['rekey', '--check'])
    expect(checked).toMatchObject({
      exit: 3,
      out: expect.stringContaining('secrets/own.age: host maia cannot read it (keel rekey)'),
    })
    const done = await keel(directory, ['rekey', '-i', 'me'])
    expect(done).toMatchObject({ exit: 0, out: expect.stringContaining('1 re-encrypted, 3 already up to date') })
    write(directory, { maia: maia.privateText })
    expect((await keel(directory, ['secret', 'show', 'own', '-i', 'maia'])).out).toBe('planted-value\n')
  })

  test('without a fitting key it changes nothing: exit 1', async () => {
    const directory = copy()
    write(directory, inventory("'me', 'maia'"))
    expect(await keel(directory, ['rekey', '-i', 'stranger'])).toMatchObject({
      exit: 1,
      err: expect.stringContaining('nothing was changed'),
    })
    expect(readFileSync(join(directory, 'secrets/own.age'))).toEqual(readFileSync(join(founded, 'secrets/own.age')))
  })

  const file = (directory: string, name: string) => join(directory, name)
  const withOwn = (readers: string) => (directory: string) => write(directory, inventory(readers))

  test.each<[string, Record<string, string>]>([
    ['a secrets.nix of somebody else', { 'secrets.nix': '{ "secrets/wifiHome.age".publicKeys = [ ]; }\n' }],
    [
      'one in secrets/, with computed rules',
      { 'secrets/secrets.nix': 'builtins.mapAttrs (name: keys: { publicKeys = keys; }) { }\n' },
    ],
    [
      'a NixOS configuration that names it',
      { 'hosts/ocean/wifi.nix': '{ age.secrets.w.file = ../../secrets/wifiHome.age; }\n' },
    ],
  ])('--check says nothing of a file that keel did not take over: %s', async (_, files) => {
    const directory = copy()
    cpSync(file(directory, 'secrets/own.age'), file(directory, 'secrets/wifiHome.age'))
    expect(await keel(directory, ['rekey', '--check'])).toMatchObject({
      exit: 3,
      out: expect.stringMatching(
        /wifiHome\.age: .*keel cannot use its name: .*; rename the file and add a secret of that name, or git rm/,
      ),
    })
    write(directory, files)
    expect(await keel(directory, ['rekey', '--check'])).toMatchObject({
      exit: 0,
      out: '4 of 4 secrets are up to date\n',
    })
  })

  test('--check mentions a reader whom a file names twice: exit 0, and no rotation is advised', async () => {
    const directory = copy()
    const text = readFileSync(file(directory, 'secrets/own.age'), 'latin1')
    const [, stanza = ''] = /(-> ssh-ed25519 [^\n]*\n[^\n]*\n)/.exec(text) ?? []
    writeFileSync(file(directory, 'secrets/own.age'), text.replace('\n--- ', `\n${stanza}--- `), 'latin1')
    const { exit, out, err } = await keel(directory, ['rekey', '--check'])
    expect({ exit, out }).toEqual({ exit: 0, out: '4 of 4 secrets are up to date\n' })
    expect(err).toBe('secrets/own.age: names admin me more than once; this is harmless\n')
  })

  test.each<[string, (directory: string) => void, number, RegExp]>([
    [
      'a file without an entry',
      (directory) => cpSync(file(directory, 'secrets/own.age'), file(directory, 'secrets/forgotten.age')),
      3,
      /secrets\/forgotten\.age: belongs to no secret of the inventory \(add a secret/,
    ],
    [
      'an entry without a file',
      (directory) => rmSync(file(directory, 'secrets/own.age')),
      3,
      /secrets\/own\.age: has no value yet \(keel secret set own\)/,
    ],
    [
      'a token that is lost, which rekey does not make anew',
      (directory) => rmSync(file(directory, 'secrets/k3s-agent-token.age')),
      3,
      /k3s-agent-token\.age: has no value yet \(restore it from git, or keel secret import k3s-agent-token --from-host HOST\)/,
    ],
    [
      'a CA key that is lost',
      (directory) => rmSync(file(directory, 'secrets/k3s-server-ca-key.age')),
      3,
      /k3s-server-ca-key\.age: has no value yet \(restore it from git\)/,
    ],
    [
      'a CA key without its certificate',
      (directory) => rmSync(file(directory, 'secrets/server-ca.crt')),
      3,
      /secrets\/server-ca\.crt: missing \(restore it from git\)/,
    ],
    [
      'CA and tokens that are not made yet',
      (directory) => {
        for (const name of ['k3s-agent-token.age', 'k3s-server-token.age', 'k3s-server-ca-key.age', 'server-ca.crt'])
          rmSync(file(directory, `secrets/${name}`))
      },
      3,
      /k3s-agent-token\.age: has no value yet \(keel rekey\)/,
    ],
    [
      'a file that nobody in the inventory can read',
      (directory) => {
        const text = readFileSync(file(directory, 'secrets/own.age'), 'latin1')
        writeFileSync(
          file(directory, 'secrets/own.age'),
          text.replace(/^-> ssh-ed25519 \S+/m, '-> ssh-ed25519 AAAAAA'),
          'latin1',
        )
      },
      1,
      /secrets\/own\.age: admin me cannot read it; .*nobody in the inventory can read it: restore it from git, or set it again: keel secret set own/,
    ],
    [
      'an outdated secrets.nix',
      (directory) => withOwn("'me', 'maia'")(directory),
      3,
      /secrets\.nix: differs from the inventory \(run keel render\)/,
    ],
    [
      'an edited secrets.nix',
      (directory) =>
        writeFileSync(file(directory, 'secrets.nix'), `${readFileSync(file(directory, 'secrets.nix'))}# mine\n`),
      3,
      /secrets\.nix: edited by hand/,
    ],
  ])('--check names %s and what mends it, without any private key', async (_, spoil, exit, message) => {
    const directory = copy()
    expect((await keel(directory, ['render'])).exit).toBe(0)
    expect((await keel(directory, ['rekey', '--check'])).exit).toBe(0)
    spoil(directory)
    expect(await keel(directory, ['rekey', '--check'])).toMatchObject({ exit, out: expect.stringMatching(message) })
  })

  test('--check warns of a reader whose role has no use for the secret, and of one that may read no more', async () => {
    const directory = copy()
    write(directory, inventory("'me', 'ocean', 'maia'"))
    expect((await keel(directory, ['rekey', '-i', 'me'])).exit).toBe(0)
    const host = readFileSync(join(directory, 'hosts/ocean/host.ts'), 'utf8')
    write(directory, {
      'hosts/ocean/host.ts': host
        .replace('import { defineHost }', 'import { defineHost, secret }')
        .replace('hostKey:', "k3s: { 'vpn-auth': secret('own') }, hostKey:"),
    })
    expect(await keel(directory, ['rekey', '--check'])).toMatchObject({
      exit: 0,
      err: expect.stringMatching(
        /warning: own: host maia \(agent\) can read it, but nothing in the inventory uses it there/,
      ),
    })
    write(directory, inventory("'me', 'ocean'"))
    const warning =
      /warning: own: host maia could read it and may have kept it; change it where it is used, then `keel secret set own`/
    expect(await keel(directory, ['rekey', '--check'])).toMatchObject({ exit: 3, err: expect.stringMatching(warning) })
    expect(await keel(directory, ['rekey', '-i', 'me'])).toMatchObject({ exit: 0, err: expect.stringMatching(warning) })
  })

  test('what can read the servers’ token no more has to be answered by a rotation', async () => {
    const directory = copy()
    const rules = inventory()['secrets.ts']?.replace('admins: {', `admins: { old: '${stranger.recipient}',`) ?? ''
    write(directory, { 'secrets.ts': rules })
    expect((await keel(directory, ['rekey', '-i', 'me'])).exit).toBe(0)
    write(directory, inventory())
    const { err } = await keel(directory, ['rekey', '-i', 'me'])
    expect(err).toMatch(/k3s-server-token: .* could read it and may have kept it; rotate the server token/)
    expect(err).toMatch(/k3s-agent-token: .*rotate the agent token/)
    expect(err).toMatch(/k3s-server-ca-key: .*rotate the cluster's server CA/)
  })

  test('brings a generated secrets.nix up to date in the same change; render leaves a written one alone unless forced', async () => {
    const directory = copy()
    expect((await keel(directory, ['render'])).out).toBe('secrets.nix: 4 secrets, for agenix\n')
    expect((await keel(directory, ['render'])).out).toBe('secrets.nix: nothing changed\n')
    write(directory, inventory("'me', 'maia'"))
    expect((await keel(directory, ['rekey', '-i', 'me'])).exit).toBe(0)
    expect((await keel(directory, ['render'])).out).toBe('secrets.nix: nothing changed\n')
    expect(readFileSync(join(directory, 'secrets.nix'), 'utf8')).toMatch(
      /"secrets\/own\.age" = \{\s+publicKeys = \[\s+admins\.me\s+hosts\.maia\s+\];/,
    )
    write(directory, { 'secrets.nix': '{ }\n' })
    expect(await keel(directory, ['render'])).toMatchObject({
      exit: 2,
      err: expect.stringContaining('not written by keel'),
    })
    expect((await keel(directory, ['rekey', '--check'])).exit).toBe(0)
    expect((await keel(directory, ['render', '--force'])).exit).toBe(0)
    expect((await keel(directory, ['rekey', '--check'])).exit).toBe(0)
  })

  test('--check fails on a damaged file: exit 1', async () => {
    const directory = copy()
    write(directory, { 'secrets/own.age': 'rubbish' })
    expect(await keel(directory, ['rekey', '--check'])).toMatchObject({
      exit: 1,
      out: expect.stringContaining('secrets/own.age: damaged'),
    })
  })
})
