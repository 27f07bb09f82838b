import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { fingerprintOfBlob } from '../../../src/model/keys/ssh-key.ts'
import { type ConnectOptions, connect } from '../../../src/ssh/connect.ts'
import { blobOf } from '../../../src/ssh/keys/host-key.ts'
import { type KeySources, loadKeyRing } from '../../../src/ssh/keys/key-ring.ts'
import { scanHostKeys } from '../../../src/ssh/scan-host-keys.ts'
import type { SshTarget } from '../../../src/ssh/transport.ts'
import { freePort, makeKey, publicKey, type SshHost, startSshHost } from '../../support/hosts/ssh-host.ts'

let host: SshHost
let onlyRsa: SshHost
const at = (name: string) => join(host.directory, name)

beforeAll(async () => {
  host = await startSshHost({ logLevel: 'DEBUG1' })
  onlyRsa = await startSshHost({ hostKeys: ['rsa'], logLevel: 'DEBUG1' })
  makeKey(at('stranger'), 'ed25519')
  makeKey(at('other_rsa'), 'rsa')
})
afterAll(async () => {
  await host?.stop()
  await onlyRsa?.stop()
})

const nobody: KeySources = { env: { HOME: '/nonexistent' }, ask: async () => undefined }

/** The login user's name as the host tells it: proof that the connection works. */
async function login(
  target: SshTarget,
  sources: KeySources = { ...nobody, identities: [host.userKey] },
  options: Partial<ConnectOptions> = {},
) {
  const transport = await connect(target, { keys: await loadKeyRing(sources), ...options })
  try {
    return (await transport.run('id -un')).stdout.trim()
  } finally {
    await transport.close()
  }
}

describe('the pinned host key', () => {
  test.each(['ed25519', 'rsa'] as const)('%s: the right one is accepted', async (type) => {
    expect(await login(host.target({ hostKey: host.hostKey(type) }))).toBe('root')
  })

  test.each([
    { pinned: 'ed25519', name: 'stranger', shown: 'ed25519' },
    { pinned: 'rsa', name: 'other_rsa', shown: 'rsa' },
  ] as const)('another $pinned key is refused, both fingerprints named, before any login', async ({ name, shown }) => {
    const hostKey = publicKey(at(name))
    const before = host.log().length
    const error = await login(host.target({ hostKey })).catch((error) => error)
    expect(error).toMatchObject({ name: 'KeelError', code: 'ssh-host-key', exit: 6, at: 'maia' })
    expect(error.found).toContain(fingerprintOfBlob(blobOf(hostKey)))
    expect(error.found).toContain(fingerprintOfBlob(blobOf(host.hostKey(shown))))
    await expect.poll(() => host.log().slice(before)).toMatch(/\[preauth\]/)
    expect(host.log().slice(before)).not.toMatch(/userauth-request|SSH2_MSG_NEWKEYS received/)
  })

  test('the log would show a login: control', async () => {
    const before = host.log().length
    await login(host.target())
    expect(host.log().slice(before)).toMatch(/userauth-request for user root/)
  })

  test('a host without a key of the pinned type is another host, and is named by what it has', async () => {
    const before = onlyRsa.log().length
    const error = await login(onlyRsa.target({ hostKey: host.hostKey('ed25519') })).catch((error) => error)
    expect(error).toMatchObject({ code: 'ssh-host-key', exit: 6 })
    expect(error.found).toContain(`ssh-rsa ${fingerprintOfBlob(blobOf(onlyRsa.hostKey('rsa')))}`)
    expect(onlyRsa.log().slice(before)).not.toMatch(/userauth-request/)
  })

  test('fingerprints are those of ssh-keygen', () => {
    for (const type of ['ed25519', 'rsa'] as const) {
      const shown = execFileSync('ssh-keygen', ['-lf', at(`host_${type}.pub`)]).toString()
      expect(shown.split(' ')[1]).toBe(fingerprintOfBlob(blobOf(host.hostKey(type))))
    }
  })
})

describe('scanHostKeys', () => {
  test('shows what a host has, ed25519 first, and tries no login', async () => {
    const before = host.log().length
    expect(await scanHostKeys(host.target().address)).toEqual([host.hostKey('ed25519'), host.hostKey('rsa')])
    expect(await scanHostKeys(onlyRsa.target().address)).toEqual([onlyRsa.hostKey('rsa')])
    expect(host.log().slice(before)).not.toMatch(/userauth-request/)
  })

  test('of nobody: ssh-refused', async () => {
    await expect(scanHostKeys({ user: 'root', host: '127.0.0.1', port: await freePort() })).rejects.toMatchObject({
      code: 'ssh-refused',
      exit: 6,
    })
  })
})

describe('addresses', () => {
  test('IPv6', async () => {
    expect(await login(host.target({ host: '::1' }))).toBe('root')
  })

  test('a name', async () => {
    expect(await login(host.target({ host: 'localhost' }))).toBe('root')
  })

  describe('that lead nowhere are told apart, all with exit 6', () => {
    let mute: Server
    let web: Server
    const portOf = (server: Server) => Number(Object(server.address()).port)
    beforeAll(async () => {
      mute = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
      web = createServer((socket) =>
        socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      ).listen(0, '127.0.0.1')
      await Promise.all([once(mute, 'listening'), once(web, 'listening')])
    })
    afterAll(() => {
      mute.close()
      web.close()
    })

    test.each([
      { name: 'nobody listens', code: 'ssh-refused', target: async () => host.target({ port: await freePort() }) },
      { name: 'no such name', code: 'ssh-dns', target: async () => host.target({ host: 'nobody.invalid' }) },
      { name: 'no way there', code: 'ssh-unreachable', target: async () => host.target({ host: '255.255.255.255' }) },
      { name: 'no handshake in time', code: 'ssh-timeout', target: async () => host.target({ port: portOf(mute) }) },
      { name: 'another service', code: 'ssh-handshake', target: async () => host.target({ port: portOf(web) }) },
    ])('$name: $code', async ({ code, target }) => {
      await expect(login(await target(), undefined, { connectTimeoutMs: 400 })).rejects.toMatchObject({
        name: 'KeelError',
        code,
        exit: 6,
        at: 'maia',
      })
    })

    test('abort while connecting: the reason comes out', async () => {
      const reason = new Error('SIGINT')
      const stop = new AbortController()
      mute.once('connection', () => stop.abort(reason))
      await expect(login(host.target({ port: portOf(mute) }), undefined, { signal: stop.signal })).rejects.toBe(reason)
      await expect(login(host.target(), undefined, { signal: stop.signal })).rejects.toBe(reason)
    })
  })
})

describe('keys', () => {
  let agent: ChildProcess
  let socket: string
  const asking = (answer: string | undefined) => {
    const questions: string[] = []
    return {
      questions,
      ask: async (question: string) => {
        questions.push(question)
        return answer
      },
    }
  }

  beforeAll(async () => {
    socket = at('agent')
    agent = spawn('/usr/bin/ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    await vi.waitFor(() => expect(existsSync(socket)).toBe(true))
    makeKey(at('sealed'), 'ed25519', 'open sesame')
    makeKey(at('sealed_rsa'), 'rsa', 'open sesame')
    makeKey(at('user_rsa'), 'rsa')
    makeKey(at('held'), 'ed25519')
    makeKey(at('held_rsa'), 'rsa')
    const accepted = ['user', 'sealed', 'sealed_rsa', 'user_rsa', 'held', 'held_rsa'].map((name) => publicKey(at(name)))
    writeFileSync(at('authorized_keys'), `${accepted.join('\n')}\n`)
  })
  afterAll(() => void agent?.kill())

  const agentEnv = () => ({ SSH_AUTH_SOCK: socket, HOME: '/nonexistent' })
  const onlyAgentHolds = (name: string) => {
    execFileSync('ssh-add', ['-qD'], { env: agentEnv(), stdio: 'ignore' })
    execFileSync('ssh-add', ['-q', at(name)], { env: agentEnv(), stdio: 'ignore' })
  }

  test.each(['user', 'user_rsa'])('a file: %s', async (name) => {
    expect(await login(host.target(), { ...nobody, identities: [at(name)] })).toBe('root')
  })

  test.each(['held', 'held_rsa'])('the agent: %s', async (name) => {
    onlyAgentHolds(name)
    expect(await login(host.target(), { ...nobody, env: agentEnv() })).toBe('root')
  })

  test('the agent, by a public key that was named', async () => {
    onlyAgentHolds('held')
    const ring = await loadKeyRing({ ...nobody, env: agentEnv(), identities: [at('held.pub')] })
    expect(ring.identities).toHaveLength(1)
  })

  test('the default files, those that exist', async () => {
    mkdirSync(at('home/me/.ssh'), { recursive: true })
    copyFileSync(at('user_rsa'), at('home/me/.ssh/id_rsa'))
    expect(await login(host.target(), { ...nobody, env: { HOME: at('home/me') } })).toBe('root')
  })

  test.each(['sealed', 'sealed_rsa'])('%s: the passphrase is asked for once', async (name) => {
    const { ask, questions } = asking('open sesame')
    const keys = await loadKeyRing({ env: {}, ask, identities: [at(name)] })
    expect(questions).toEqual([])
    for (let time = 0; time < 2; time++) await (await connect(host.target(), { keys })).close()
    expect(questions).toEqual([`passphrase of ${at(name)}: `])
  })

  test('an encrypted key that the host does not want is not asked for', async () => {
    makeKey(at('sealed_stranger'), 'ed25519', 'open sesame')
    const { ask, questions } = asking('open sesame')
    expect(await login(host.target(), { env: {}, ask, identities: [at('sealed_stranger'), at('user')] })).toBe('root')
    expect(questions).toEqual([])
  })

  test('an encrypted key that the agent holds needs no passphrase', async () => {
    copyFileSync(at('held'), at('held_sealed'))
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', at('held_sealed')], {
      stdio: 'ignore',
    })
    onlyAgentHolds('held')
    const { ask, questions } = asking(undefined)
    expect(await login(host.target(), { env: agentEnv(), ask, identities: [at('held_sealed')] })).toBe('root')
    expect(questions).toEqual([])
  })

  test('a passphrase from the file that KEEL_PASSPHRASE_FILE names', async () => {
    writeFileSync(at('passphrase'), 'open sesame\n')
    expect(
      await login(host.target(), {
        ...nobody,
        env: { KEEL_PASSPHRASE_FILE: at('passphrase') },
        identities: [at('sealed')],
      }),
    ).toBe('root')
  })

  test.each([
    { name: 'no terminal', answer: undefined, code: 'key-encrypted' },
    { name: 'a wrong passphrase', answer: 'open barley', code: 'key-passphrase' },
  ])('an encrypted key and $name: $code', async ({ answer, code }) => {
    const failure = login(host.target(), { env: {}, ask: asking(answer).ask, identities: [at('sealed')] })
    await expect(failure).rejects.toMatchObject({ name: 'KeelError', code, exit: 2, at: at('sealed') })
  })

  test('a person may take longer than the connection', async () => {
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 4_000))
      return 'open sesame'
    }
    expect(
      await login(host.target(), { env: {}, ask: slow, identities: [at('sealed')] }, { connectTimeoutMs: 3_000 }),
    ).toBe('root')
  })

  test('a login refused names the keys and what was wrong with the others', async () => {
    const failure = await login(host.target(), {
      ...nobody,
      env: { SSH_AUTH_SOCK: at('no-agent') },
      identities: [at('stranger')],
    }).catch((error) => error)
    expect(failure).toMatchObject({ code: 'ssh-auth', exit: 6, at: 'maia' })
    expect(failure.found).toContain(at('stranger'))
    expect(failure.why).toContain('no agent answers')
  })

  test('no key at all', async () => {
    await expect(login(host.target(), nobody)).rejects.toMatchObject({
      code: 'ssh-auth',
      found: expect.stringContaining('no key at all'),
    })
  })

  test.each([
    { name: 'missing', content: undefined },
    { name: 'nonsense', content: 'not a key\n' },
  ])('a named file that is $name: identity, exit 2', async ({ name, content }) => {
    if (content !== undefined) writeFileSync(at(name), content)
    await expect(loadKeyRing({ ...nobody, identities: [at(name)] })).rejects.toMatchObject({
      code: 'identity',
      exit: 2,
      at: at(name),
    })
  })

  test('an age identity file is none of ours', async () => {
    writeFileSync(at('age'), '# created: today\nAGE-SECRET-KEY-1QQQ\n')
    expect((await loadKeyRing({ ...nobody, identities: [at('age')] })).identities).toEqual([])
  })
})
