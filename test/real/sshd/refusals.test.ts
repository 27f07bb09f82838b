import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect as openSocket, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connect } from '../../../src/ssh/connect.ts'
import { type KeySources, loadKeyRing } from '../../../src/ssh/keys/key-ring.ts'
import { scanHostKeys } from '../../../src/ssh/scan-host-keys.ts'
import type { Transport } from '../../../src/ssh/transport.ts'
import { makeKey, publicKey, type SshHost, startSshHost } from '../../support/hosts/ssh-host.ts'

/** A sshd with `user` for each thing that it may forbid. */
let strict: SshHost
beforeAll(async () => {
  strict = await startSshHost({
    matches: [
      'Match User free\n  ForceCommand internal-sftp',
      'Match User asked\n  ForceCommand /bin/echo the menu of this machine',
      'Match User tty\n  PubkeyAuthentication no\n  PasswordAuthentication yes',
      'Match User stranger\n  AuthenticationMethods publickey,password\n  PasswordAuthentication yes',
    ],
  })
})
afterAll(() => strict?.stop())

const nobody: KeySources = { env: { HOME: '/nonexistent' }, ask: async () => undefined }

async function use<T>(
  host: SshHost,
  work: (transport: Transport) => Promise<T>,
  user = 'root',
  sources: Partial<KeySources> = {},
) {
  const keys = await loadKeyRing({ ...nobody, identities: [host.userKey], ...sources })
  const transport = await connect(host.target({ user }), { keys, password: async () => host.password })
  try {
    return await work(transport)
  } finally {
    await transport.close()
  }
}

const failureOf = (work: Promise<unknown>) =>
  work.catch((error: unknown) => error) as Promise<{ code: string; found: string; why: string; todo: string }>

describe('MaxSessions', () => {
  test('1: one run after the other, and two at a time, as sshd counts a session until it has seen its end', async () => {
    const host = await startSshHost({ config: ['MaxSessions 1'] })
    try {
      await use(host, async (transport) => {
        for (let run = 0; run < 20; run++) expect((await transport.run(`echo ${run}`)).stdout).toBe(`${run}\n`)
        const both = await Promise.all([transport.run('sleep 0.7; echo first'), transport.run('echo second')])
        expect(both.map(({ stdout }) => stdout)).toEqual(['first\n', 'second\n'])
      })
    } finally {
      await host.stop()
    }
  })

  test('0: after a few seconds MaxSessions is named, not the network', async () => {
    const host = await startSshHost({ config: ['MaxSessions 0'] })
    try {
      const failure = await failureOf(use(host, (transport) => transport.run('true')))
      expect(failure).toMatchObject({
        code: 'ssh-sessions',
        exit: 6,
        at: 'maia',
        found: expect.stringContaining('open failed'),
      })
      expect(failure.todo).toContain('MaxSessions 10')
    } finally {
      await host.stop()
    }
  })
})

describe('MaxStartups', () => {
  let crowded: SshHost
  const others: Socket[] = []
  beforeAll(async () => {
    crowded = await startSshHost({ config: ['MaxStartups 1'] })
  })
  /** Takes the one place; where an earlier connection still has it, tries again. */
  const crowd = () =>
    vi.waitFor(async () => {
      const other = openSocket(crowded.port, '127.0.0.1').on('error', () => undefined)
      others.push(other)
      expect(`${await new Promise((resolve) => other.once('data', resolve).once('close', resolve))}`).toMatch(/^SSH-/)
      return other
    })
  afterAll(async () => {
    for (const other of others) other.destroy()
    await crowded?.stop()
  })

  test('a connection that is turned away for a moment is tried again', async () => {
    const first = await crowd()
    setTimeout(() => first.destroy(), 600)
    expect(await use(crowded, (transport) => transport.run('id -un'))).toMatchObject({ stdout: 'root\n' })
    const second = await crowd()
    setTimeout(() => second.destroy(), 600)
    expect(await scanHostKeys(crowded.target().address)).toContain(crowded.hostKey('ed25519'))
  })

  test('one that is turned away all the time: MaxStartups is named, with what sshd said', async () => {
    await crowd()
    const keys = await loadKeyRing({ ...nobody, identities: [crowded.userKey] })
    const failure = await failureOf(connect(crowded.target(), { keys, connectTimeoutMs: 1200 }))
    expect(failure).toMatchObject({ code: 'ssh-handshake', exit: 6, at: 'maia' })
    expect(failure.found + failure.why).toContain('MaxStartups')
  })
})

describe('what is said of a refused login is what the host said', () => {
  test('sshd cuts off after six keys of an agent: not "none is in authorized_keys"', async () => {
    const host = await startSshHost()
    const socket = join(host.directory, 'agent')
    const agent = spawn('/usr/bin/ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    try {
      await vi.waitFor(() => expect(existsSync(socket)).toBe(true))
      const names = Array.from({ length: 8 }, (_, index) => join(host.directory, `stranger-${index}`))
      for (const name of names) makeKey(name, 'ed25519')
      const env = { SSH_AUTH_SOCK: socket, HOME: '/nonexistent' }
      for (const name of [...names, host.userKey]) execFileSync('ssh-add', ['-q', name], { env, stdio: 'ignore' })

      const failure = await failureOf(
        use(host, (transport) => transport.run('true'), 'root', { env, identities: undefined }),
      )
      expect(failure).toMatchObject({
        code: 'ssh-auth',
        found: expect.stringContaining('Too many authentication failures'),
      })
      expect(failure.why).toMatch(
        /ended the login after 6 keys \(MaxAuthTries\), before keel could offer ssh-agent .*, ssh-agent .*, ssh-agent/,
      )
      expect(failure.why).not.toContain('authorized_keys')

      // an admin's key is offered first
      const admins = [publicKey(host.userKey)]
      const { stdout } = await use(host, (transport) => transport.run('id -un'), 'root', {
        env,
        identities: undefined,
        admins,
      })
      expect(stdout).toBe('root\n')
    } finally {
      agent.kill()
      await host.stop()
    }
  })

  test.each([
    { name: 'no keys at all are taken', user: 'tty', why: /does not accept keys for tty; it wants password/ },
    {
      name: 'more than a key is wanted',
      user: 'stranger',
      why: /the host knows .*user, but did not accept it as the only proof for stranger/,
    },
    { name: 'sshd does not say why', user: 'nosuchuser', why: /It does not say which/ },
  ])('$name', async ({ user, why }) => {
    const failure = await failureOf(use(strict, (transport) => transport.run('true'), user))
    expect(failure).toMatchObject({ code: 'ssh-auth', exit: 6, at: 'maia', why: expect.stringMatching(why) })
  })
})

describe('what is said where no bash comes up is what the host said', () => {
  test.each([
    { name: 'only sftp', user: 'free', found: /ForceCommand internal-sftp/ },
    {
      name: 'another command',
      user: 'asked',
      found: /ran another program instead of bash .*\(exit 0\) \(the menu of this machine\)/,
    },
  ])('$name: no password is asked for', async ({ user, found }) => {
    const keys = await loadKeyRing({ ...nobody, identities: [strict.userKey] })
    let asked = 0
    const password = async () => `${asked++}`
    const transport = await connect(strict.target({ user }), { keys, password })
    const failure = await failureOf(transport.run('true'))
    expect(failure).toMatchObject({ code: 'no-shell', exit: 1, at: 'maia', found: expect.stringMatching(found) })
    expect(asked).toBe(0)
  })

  test.each([
    { shell: '/usr/sbin/nologin', found: /nologin/ },
    { shell: '/bin/rbash', found: /restricted/ },
    { shell: '/bin/false', found: /ran another program instead of bash .*\(exit 1\)/ },
  ])('a login shell $shell', async ({ shell, found }) => {
    const host = await startSshHost()
    try {
      // in its place: it is mounted over the machine's own
      const passwd = join(host.directory, 'etc/passwd')
      writeFileSync(passwd, readFileSync(passwd, 'utf8').replace('/root:/bin/bash', `/root:${shell}`))
      const failure = await failureOf(use(host, (transport) => transport.run('true')))
      expect(failure).toMatchObject({ code: 'no-shell', found: expect.stringMatching(found) })
    } finally {
      await host.stop()
    }
  })
})

describe('algorithms', () => {
  test('attack 18: neither SHA-1 nor compression is offered', async () => {
    for (const config of [
      'MACs hmac-sha1,hmac-sha1-etm@openssh.com\nCiphers aes128-ctr',
      'KexAlgorithms diffie-hellman-group14-sha1',
    ]) {
      const host = await startSshHost({ config: [config] })
      try {
        const failure = await failureOf(use(host, (transport) => transport.run('true')))
        expect(failure).toMatchObject({ code: 'ssh-handshake', found: expect.stringMatching(/no matching/) })
      } finally {
        await host.stop()
      }
    }
  })

  test.each([
    // man sshd_config of OpenSSH 8.0, 9.2 and 10.0, without what ssh2 lacks
    { of: 'OpenSSH 8 to 10, as they come', config: [] },
    {
      of: 'a hardened sshd (etm only)',
      config: ['MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com', 'Ciphers aes256-ctr'],
    },
    {
      of: 'one without etm',
      config: ['MACs hmac-sha2-512', 'Ciphers aes256-ctr', 'KexAlgorithms ecdh-sha2-nistp256'],
    },
    {
      of: 'one for old clients',
      config: ['KexAlgorithms diffie-hellman-group14-sha256', 'Ciphers aes128-gcm@openssh.com'],
    },
  ])('$of', async ({ config }) => {
    const host = await startSshHost({ config })
    try {
      expect(await use(host, (transport) => transport.run('id -un'))).toMatchObject({ stdout: 'root\n' })
    } finally {
      await host.stop()
    }
  })
})
