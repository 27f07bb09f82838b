import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatSshAddress } from '../../../src/model/addresses/ssh-address.ts'
import { shellQuote } from '../../../src/templates/shell-quote.ts'
import { makeKey, publicKey, type SshHost, startSshHost } from '../../support/hosts/ssh-host.ts'
import { setup } from '../../support/keel/build-keel.ts'
import { Keel, keelArgv } from '../../support/keel/keel.ts'
import { until } from '../../support/until.ts'

/** Verbs that put OpenSSH's own client in keel's place: with whatever its user has in ~/.ssh/config. */
const root = mkdtempSync(join(tmpdir(), 'keel-openssh-'))
const [home, inventory, temporary] = [join(root, 'home'), join(root, 'inventory'), join(root, 'tmp')]
const dotSsh = join(root, 'dot-ssh')
let host: SshHost
let keel: Keel

/** ssh reads the home of the password file: root's .ssh is another one for it and its children. */
const asHome = [
  'unshare',
  '--mount',
  'bash',
  '-ec',
  `mkdir -p /root/.ssh; mount --bind ${dotSsh} /root/.ssh; exec "$@"`,
  'bash',
]
const run = (args: readonly string[], input = '') =>
  keel.start(['-C', inventory, ...args], { input, wrapper: asHome }).ended
const configured = (text: string) => writeFileSync(join(dotSsh, 'config'), text, { mode: 0o600 })

beforeAll(async () => {
  await setup()
  host = await startSshHost()
  makeKey(join(root, 'another'), 'ed25519')
  for (const folder of [home, dotSsh, temporary]) mkdirSync(folder, { mode: 0o700 })
  keel = new Keel({ cwd: root, env: { HOME: home, TMPDIR: temporary, SSH_AUTH_SOCK: undefined } })
  const hosts = [
    ['maia', host.target()],
    ['free', host.target({ user: 'free', host: '::1', hostKey: host.hostKey('rsa') })],
    ['other', host.target({ host: 'localhost', hostKey: publicKey(join(root, 'another')) })],
  ] as const
  const specs = hosts.flatMap(([name, { address, hostKey }], index) => [
    '--host',
    `name=${name},role=${index === 0 ? 'server' : 'agent'},os=debian,nodeIP=192.0.2.${index + 1},address=${formatSshAddress(address)},hostKey=${hostKey}`,
  ])
  await keel.expect(0, 'init', inventory, '--yes', '--admin', `me=${host.userKey}.pub`, ...specs)
  configured('')
})
afterAll(async () => {
  await host?.stop()
  rmSync(root, { recursive: true, force: true })
})
const identity = () => ['-i', host.userKey]

describe('keel ssh', () => {
  test.each([
    ['maia', 'root'],
    ['free', 'another user, through sudo and a .bashrc that talks'],
  ])('runs a program on %s as root: %s', async (name) => {
    const { exitCode, stdout, stderr } = await run([
      'ssh',
      ...identity(),
      name,
      'printf',
      '%s|',
      'a b',
      "c'd",
      '$HOME',
      '-x',
    ])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout.replace(/^welcome\n/, '')).toBe("a b|c'd|$HOME|-x|")
  })

  test('one word is a line for bash; its exit status is keel’s', async () => {
    expect(await run(['ssh', ...identity(), 'maia', 'echo $HOME; id -u; exit 7'])).toMatchObject({
      exitCode: 7,
      stdout: '/root\n0',
    })
  })

  test('one word behind -- is a line for bash, too; -- alone is no program', async () => {
    expect(await run(['ssh', ...identity(), 'maia', '--', 'echo a | cat; exit 3'])).toMatchObject({
      exitCode: 3,
      stdout: 'a',
    })
    expect(await run(['ssh', ...identity(), 'free', '--'], 'id -un\n')).toMatchObject({
      stdout: expect.stringContaining('free'),
    })
  })

  test('255 from a program is its own exit status, not a failed connection', async () => {
    expect(await run(['ssh', ...identity(), 'maia', 'exit 255'])).toMatchObject({ exitCode: 255, stderr: '' })
  })

  test('a login shell here that runs nothing changes no exit status', async () => {
    const wrapper = [...asHome, 'env', 'SHELL=/bin/false']
    const { exitCode, stdout } = await keel.start(['-C', inventory, 'ssh', ...identity(), 'maia', 'echo ok'], {
      wrapper,
    }).ended
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'ok' })
  })

  test('an option that this ssh does not know is ignored where ~/.ssh/config says so', async () => {
    configured('IgnoreUnknown UseKeychain\nHost *\nUseKeychain yes\n')
    expect(await run(['ssh', ...identity(), 'maia', 'echo ok'])).toMatchObject({ exitCode: 0, stdout: 'ok' })
    configured('')
  })

  test('stdin reaches it, byte by byte', async () => {
    expect(await run(['ssh', ...identity(), 'maia', '--', 'cat', '-A'], 'a\0b\r\n')).toMatchObject({
      exitCode: 0,
      stdout: 'a^@b^M$',
    })
  })

  test('without a program: the shell of the login user', async () => {
    expect(await run(['ssh', ...identity(), 'free'], 'id -un\n')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('free'),
    })
  })

  test('an unknown host: the nearest is named', async () => {
    expect(await run(['ssh', 'maja'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('did you mean maia?'),
    })
  })
})

test('keel kubectl says which server it could not reach, and ends with 6', async () => {
  const stopped = await run(['kubectl', '-i', '/nowhere', 'get', 'nodes'])
  expect(stopped).toMatchObject({ exitCode: 6, stderr: expect.stringContaining('maia: no connection') })
})

test('keel logs of several hosts: each line has the name of its host, and a host with another key is not asked', async () => {
  const { exitCode, stdout, stderr } = await run(['logs', ...identity(), '--lines', '2'])
  expect(exitCode).toBe(6)
  const lines = `${stdout}\n${stderr}`.trim().split('\n')
  for (const name of ['maia', 'free'])
    expect(lines).toContainEqual(expect.stringMatching(`^${name}: (?!no connection)`))
  expect(lines).toContain('other: no connection')
})

test('a program’s own options are its own', async () => {
  expect(await run(['ssh', ...identity(), 'maia', 'echo', '-n', '--help', '-C'])).toMatchObject({
    exitCode: 0,
    stdout: '--help -C',
  })
})

describe('a host that shows another key than the inventory’s is refused, though ~/.ssh/config', () => {
  const known = join(dotSsh, 'known_hosts')
  const master = join(dotSsh, 'master')

  test.each([
    ['takes every key', 'StrictHostKeyChecking no\nNoHostAuthenticationForLocalhost yes\nVerifyHostKeyDNS yes'],
    ['knows this one', `UserKnownHostsFile ${known}\nGlobalKnownHostsFile ${known}\nHostKeyAlias known`],
    ['has a command that knows it', `KnownHostsCommand /bin/cat ${known}`],
  ])('%s', async (_what, text) => {
    configured(`Host *\n${text}\n`)
    const key = host.hostKey('ed25519')
    writeFileSync(known, `known ${key}\nkeel-other ${key}\n[localhost]:${host.port} ${key}\n`)
    expect(await run(['ssh', ...identity(), 'other', 'true'])).toMatchObject({
      exitCode: 6,
      stdout: '',
      stderr: expect.stringContaining('ost key'),
    })
  })

  test('has a connection open that others may use', async () => {
    configured(
      `Host *\nControlMaster auto\nControlPath ${master}\nStrictHostKeyChecking no\nUserKnownHostsFile /dev/null\n`,
    )
    const ssh = (...more: readonly string[]) =>
      execa(asHome[0] ?? '', [...asHome.slice(1), 'ssh', '-p', `${host.port}`, ...more, 'root@localhost'])
    await ssh('-i', host.userKey, '-fN', '-o', 'LogLevel=QUIET')
    try {
      expect(existsSync(master)).toBe(true)
      expect(await run(['ssh', ...identity(), 'other', 'true'])).toMatchObject({ exitCode: 6, stdout: '' })
    } finally {
      await ssh('-O', 'exit')
    }
  })
})

test('a terminal that is closed ends it', async () => {
  const command = [...asHome, ...keelArgv, '-C', inventory, 'ssh', ...identity(), 'maia', 'echo there; sleep 1000']
  const terminal = spawn('script', ['-qec', `exec ${command.map(shellQuote).join(' ')}`, '/dev/null'], {
    env: { ...process.env, HOME: home, TMPDIR: temporary, SSH_AUTH_SOCK: undefined },
  })
  let screen = ''
  for await (const chunk of terminal.stdout) {
    screen += chunk
    if (screen.includes('there')) break
  }
  expect(readdirSync(temporary)).toEqual([expect.stringMatching(/^keel-ssh-/)])
  terminal.kill('SIGKILL')
  await until('keel has gone', () => readdirSync(temporary).length === 0)
})

test('nothing of it is left in the folder for temporary files', () => {
  expect(readdirSync(temporary)).toEqual([])
})
