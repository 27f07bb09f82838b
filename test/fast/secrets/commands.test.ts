import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { keel } from '../../support/keel/keel-in-process.ts'
import { newKey, type TestKey } from '../../support/secrets/secret-keys.ts'

const me = newKey('ssh-ed25519')
const ocean = newKey('ssh-ed25519')
const maia = newKey('ssh-ed25519')
const stranger = newKey('ssh-ed25519')

/** A server, an agent, and an admin who may read everything; a rule more for a secret of the user's own. */
function inventory(readersOfOwn = "'me'"): Record<string, string> {
  const host = (role: string, address: string, { recipient }: TestKey) =>
    `import { defineHost } from 'keel'\nexport default defineHost({ os: 'debian', role: '${role}', address: 'root@${address}', hostKey: '${recipient}' })\n`
  return {
    'hosts/cluster.ts': `import { defineCluster } from 'keel'\nexport default defineCluster({ name: 'test', version: 'v1.34.4+k3s1' })\n`,
    'hosts/ocean/host.ts': host('server', '192.0.2.1', ocean),
    'hosts/maia/host.ts': host('agent', '192.0.2.2', maia),
    'secrets.ts': `import { defineSecrets } from 'keel'
export default defineSecrets({
  admins: { me: '${me.recipient}' },
  secrets: {
    'k3s-server-token': { readers: ['admins', 'servers'], generate: 'k3s-token' },
    'k3s-agent-token': { readers: ['admins', 'servers', 'agents'], generate: 'k3s-token' },
    'k3s-server-ca-key': { readers: ['admins', 'firstServer'], generate: 'k3s-ca' },
    own: { readers: [${readersOfOwn}] },
  },
})
`,
  }
}

function write(directory: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
}

/** A folder with CA, tokens and a value of our own, made once and copied for each test. */
let founded: string
beforeAll(async () => {
  founded = mkdtempSync(join(tmpdir(), 'keel-commands-'))
  write(founded, inventory())
  write(founded, { me: me.privateText, stranger: stranger.privateText })
  expect((await keel(founded, ['rekey'])).exit).toBe(3)
  expect((await keel(founded, ['secret', 'set', 'own'], 'planted-value\n')).exit).toBe(0)
  return () => rmSync(founded, { recursive: true })
})

function copy(): string {
  const directory = mkdtempSync(join(tmpdir(), 'keel-commands-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  cpSync(founded, directory, { recursive: true })
  return directory
}

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
    expect(listed).toContainEqual({
      name: 'own',
      file: 'secrets/own.age',
      readers: [{ kind: 'admin', name: 'me' }],
      state: 'fresh',
      detail: 'up to date',
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

describe('keel add-node', () => {
  test('of a host that has no key yet: file and secrets change together, and back together when it can not be reached', async () => {
    const directory = copy()
    const text = readFileSync(join(directory, 'hosts/maia/host.ts'), 'utf8')
      .replace(/, hostKey: '[^']*'/, ' /* soon */')
      .replace("'root@192.0.2.2'", "'root@127.0.0.1:1', nodeIP: '192.0.2.2'")
    write(directory, { 'hosts/maia/host.ts': text })
    expect((await keel(directory, ['rekey', '-i', 'me'])).exit).toBe(0)
    const files = ['hosts/maia/host.ts', 'secrets/k3s-agent-token.age', 'secrets/k3s-server-token.age']
    const before = files.map((name) => readFileSync(join(directory, name)))
    const { exit, err } = await keel(directory, ['add-node', 'maia', '--host-key', maia.recipient, '-i', 'me'])
    expect(exit).not.toBe(0)
    expect(err).toContain('secrets/k3s-agent-token.age: re-encrypted for maia')
    expect(err).toContain('the inventory is as it was before')
    expect(files.map((name) => readFileSync(join(directory, name)))).toEqual(before)
  })

  test('uses the defaults of hosts/cluster: port, user, os and arch', async () => {
    const directory = copy()
    let connections = 0
    // whose key would be fetched is what counts; it is no sshd, which keel would try again
    const server = createServer((socket) => {
      connections++
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const defaults = `{ port: ${port}, user: 'ada', os: 'debian', arch: 'arm64' }`
    write(directory, {
      'hosts/cluster.ts': `import { defineCluster } from 'keel'\nexport default defineCluster({ name: 'test', version: 'v1.34.4+k3s1', defaults: ${defaults} })\n`,
      'hosts/maia/host.ts': inventory()['hosts/maia/host.ts']?.replace("'debian'", "'debian', arch: 'amd64'") ?? '',
    })
    const luna = ['add-node', 'luna', '--address', '127.0.0.1', '--node-ip', '192.0.2.9', '-i', 'me']
    const scanned = await keel(directory, luna)
    expect(scanned).toMatchObject({ exit: 6, err: expect.stringContaining(`${port}`) })
    expect(connections).toBeGreaterThan(0)
    const written: string[] = []
    const interrupt = new AbortController()
    const note = (text: string) => {
      if (!text.includes('re-encrypted for luna')) return
      written.push(readFileSync(join(directory, 'hosts/luna/host.ts'), 'utf8'))
      // it would go on for seconds, as sshd may only be busy
      interrupt.abort(new Error('SIGINT'))
    }
    await keel(directory, [...luna, '--host-key', stranger.recipient], '', { note, signal: interrupt.signal })
    expect(written[0]).toContain("role: 'agent',\n  address: '127.0.0.1',\n")
    expect(written[0]).not.toMatch(/os:|arch:/)
  })

  test('with something wrong in it writes nothing at all', async () => {
    const directory = copy()
    const argv = [
      'add-node',
      'luna',
      '--address',
      'root@127.0.0.1:1',
      '--node-ip',
      '192.0.2.9',
      '--host-key',
      stranger.recipient,
      '--taint',
      'nonsense',
      '-i',
      'me',
    ]
    expect(await keel(directory, argv)).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/hosts\/luna\/host\.ts: hosts\/luna taints\[0\]/),
    })
    expect(existsSync(join(directory, 'hosts/luna'))).toBe(false)
  })

  describe('in a YAML inventory', () => {
    const host = (role: string, address: string, { recipient }: TestKey) => ({
      os: 'debian',
      role,
      address: `root@${address}`,
      hostKey: recipient,
    })
    const inYaml = () => {
      const directory = copy()
      for (const file of Object.keys(inventory())) rmSync(join(directory, file))
      const rule = (readers: string[], generate?: string) => ({
        readers,
        ...(generate === undefined ? {} : { generate }),
      })
      const files = {
        'hosts/cluster.yaml': { name: 'test', version: 'v1.34.4+k3s1' },
        'hosts/ocean/host.yaml': host('server', '192.0.2.1', ocean),
        'secrets.yaml': {
          admins: { me: me.recipient },
          secrets: {
            'k3s-server-token': rule(['admins', 'servers'], 'k3s-token'),
            'k3s-agent-token': rule(['admins', 'servers', 'agents'], 'k3s-token'),
            'k3s-server-ca-key': rule(['admins', 'firstServer'], 'k3s-ca'),
            own: rule(['admins']),
          },
        },
      }
      write(directory, Object.fromEntries(Object.entries(files).map(([file, value]) => [file, stringify(value)])))
      rmSync(join(directory, 'hosts/maia'), { recursive: true })
      return directory
    }
    const luna = (...more: string[]) => [
      'add-node',
      'luna',
      '--address',
      'root@127.0.0.1:1',
      '--node-ip',
      '192.0.2.9',
      '--host-key',
      stranger.recipient,
      '-i',
      'me',
      ...more,
    ]

    test('it writes a host.yaml, which keel reads, and takes it away when the host can not be reached', async () => {
      const directory = inYaml()
      expect((await keel(directory, ['rekey', '-i', 'me'])).exit).toBe(0)
      const file = join(directory, 'hosts/luna/host.yaml')
      const written: string[] = []
      // between writing and reaching the host
      const note = (text: string) =>
        void (text.includes('re-encrypted for luna') && written.push(readFileSync(file, 'utf8')))
      const { exit } = await keel(directory, luna('--taint', 'dedicated=db:NoSchedule', '--label', 'zone=a'), '', {
        note,
      })
      expect(exit).not.toBe(0)
      expect(parse(written[0] ?? '')).toEqual({
        os: 'debian',
        role: 'agent',
        arch: 'amd64',
        address: 'root@127.0.0.1:1',
        hostKey: stranger.recipient,
        nodeIP: '192.0.2.9',
        taints: ['dedicated=db:NoSchedule'],
        labels: { zone: 'a' },
      })
      expect(written[0]).toMatch(/^# yaml-language-server: \$schema=/m)
      expect(existsSync(join(directory, 'hosts/luna'))).toBe(false)
      write(directory, { 'hosts/luna/host.yaml': written[0] ?? '' })
      expect((await keel(directory, ['rekey', '-i', 'me'])).exit).toBe(0)
      expect((await keel(directory, ['rekey', '--check'])).exit).toBe(0)
    })

    test('its faults and messages name the files that are there', async () => {
      const directory = inYaml()
      expect((await keel(directory, luna('--taint', 'nonsense'))).err).toMatch(
        /hosts\/luna\/host\.yaml: hosts\/luna taints\[0\]/,
      )
      const said = await Promise.all(
        [
          ['secret', 'show', 'owm'],
          ['secret', 'ls'],
          ['rekey', '--check'],
          ['render'],
          luna('--taint', 'nonsense'),
        ].map((argv) => keel(directory, argv)),
      )
      expect(said.map(({ out, err }) => out + err).join('\n')).not.toMatch(/\.ts\b/)
    })
  })
})
