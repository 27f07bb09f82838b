import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../../src/ssh/connect.ts'
import { loadKeyRing } from '../../../src/ssh/keys/key-ring.ts'
import type { RunOptions, RunResult } from '../../../src/ssh/transport.ts'
import { type SshHost, startSshHost, type sudoers } from '../../support/hosts/ssh-host.ts'

let host: SshHost
let bare: SshHost
beforeAll(async () => {
  host = await startSshHost()
  bare = await startSshHost({ withoutSudo: true })
})
afterAll(async () => {
  await host?.stop()
  await bare?.stop()
})

const all = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte))
const echo = 'echo $(id -u); base64 -w0'

/** Runs scripts as that user over one connection; counts how often the password was asked for. */
async function runAs(
  user: keyof typeof sudoers | 'root',
  password: string | undefined,
  runs: readonly { script: string; options?: RunOptions }[],
  on: SshHost = host,
) {
  const keys = await loadKeyRing({ identities: [on.userKey], env: {}, ask: async () => undefined })
  let asked = 0
  const askPassword = async () => {
    asked++
    return password
  }
  const transport = await connect(on.target({ user }), { keys, password: askPassword })
  try {
    const results: RunResult[] = []
    for (const { script, options } of runs) results.push(await transport.run(script, options))
    return { results, asked }
  } finally {
    await transport.close()
  }
}

const twice = [
  { script: echo, options: { input: all } },
  { script: echo, options: { input: all } },
]
const asRoot = { exitCode: 0, stdout: `0\n${all.toString('base64')}` }

describe('root through sudo', () => {
  test('without a password: none is asked for, input is intact, a talking .bashrc is not heard', async () => {
    const { results, asked } = await runAs('free', host.password, twice)
    expect(results).toMatchObject([{ ...asRoot, stderr: '' }, asRoot])
    expect(asked).toBe(0)
  })

  test('with a password: it is asked for once a connection and is no part of the input', async () => {
    const { results, asked } = await runAs('asked', host.password, twice)
    expect(results).toMatchObject([asRoot, asRoot])
    expect(asked).toBe(1)
    for (const { stderr } of results) expect(stderr).not.toContain('keel:password')
  })

  test('with credentials that sudo has cached: nothing is asked, input is intact', async () => {
    const remember = { script: 'su caching -c "sudo -S -v"', options: { input: Buffer.from(`${host.password}\n`) } }
    expect((await runAs('root', undefined, [remember])).results).toMatchObject([{ exitCode: 0 }])
    const { results, asked } = await runAs('caching', undefined, twice)
    expect(results).toMatchObject([asRoot, asRoot])
    expect(asked).toBe(0)
  })

  test('finding out that sudo wants a password costs no byte of a stream, which can be read only once', async () => {
    async function* once() {
      yield all
    }
    const { results } = await runAs('asked', host.password, [{ script: echo, options: { input: once() } }])
    expect(results).toMatchObject([asRoot])
  })

  test('streams 64 MiB intact', async () => {
    const input = Buffer.alloc(64 * 1024 * 1024, 'keel')
    for (const user of ['free', 'asked'] as const) {
      const { results } = await runAs(user, host.password, [{ script: 'wc -c', options: { input } }])
      expect(results[0]?.stdout.trim()).toBe(String(input.length))
    }
  })

  test.each([
    { script: 'exit 9', exitCode: 9 },
    { script: 'kill -TERM $$', exitCode: 143 },
    { script: 'kill -KILL $$', exitCode: 137 },
  ])('$script is exit $exitCode', async ({ script, exitCode }) => {
    for (const user of ['free', 'asked'] as const) {
      expect((await runAs(user, host.password, [{ script }])).results).toMatchObject([{ exitCode }])
    }
  })
})

describe('sudo that gives no root is exit 1, and says why', () => {
  test.each([
    { name: 'a wrong password', user: 'asked', password: 'wrong 7d1c', code: 'sudo-password' },
    { name: 'no password to be had', user: 'asked', password: undefined, code: 'sudo-password-needed' },
    { name: 'a user who may not', user: 'stranger', password: 'right', code: 'sudo-forbidden' },
    { name: 'a terminal wanted', user: 'tty', password: 'right', code: 'sudo-requiretty' },
    { name: 'no sudo on the host', user: 'free', password: 'right', code: 'sudo-missing', isBare: true },
  ] as const)('$name: $code', async ({ user, password, code, ...more }) => {
    const given = password === 'right' ? host.password : password
    const error = await runAs(user, given, twice, 'isBare' in more ? bare : host).catch((error) => error)
    expect(error).toMatchObject({ name: 'KeelError', code, exit: 1, at: 'maia' })
    if (given !== undefined) expect(JSON.stringify([error, error.message])).not.toContain(given)
    // sudo's own count
    if (code === 'sudo-password') expect(error.found).toContain('1 incorrect password attempt')
  })
})

test('a command that has ended before keel looks is heard all the same', async () => {
  // answers pile up while the process is busy, and are then read in one go: request granted, output, exit status, close
  const busy = setInterval(() => {
    for (const end = performance.now() + 60; performance.now() < end; );
  }, 1)
  try {
    for (let time = 0; time < 5; time++) {
      await expect(runAs('free', undefined, [{ script: '' }], bare)).rejects.toMatchObject({ code: 'sudo-missing' })
    }
  } finally {
    clearInterval(busy)
  }
})

describe('the password is in no argument list', () => {
  test.each([
    { name: 'of the host', leak: false },
    { name: 'of the host, and a leak would be seen: control', leak: true },
  ])('$name', async ({ leak }) => {
    const trace = join(host.directory, `execve-${leak}`)
    const strace = await straced(host.pid, trace)
    // a process of a few milliseconds: /proc would hardly show it
    const script = leak ? 'read -r word; /bin/true "$word"' : 'read -r word; /bin/true'
    await runAs('asked', host.password, [{ script, options: { input: Buffer.from(`${host.password}\n`) } }])
    strace.kill('SIGINT')
    await once(strace, 'exit')
    const lines = readFileSync(trace, 'utf8')
    expect(lines).toMatch(/execve\("[^"]*sudo"/)
    expect(lines.includes(tracedForm(host.password))).toBe(leak)
  })

  test('of this machine', async () => {
    const trace = join(host.directory, 'execve-admin')
    const source = `
      import { connect } from '${join(import.meta.dirname, '../../../src/ssh/connect.ts')}'
      import { loadKeyRing } from '${join(import.meta.dirname, '../../../src/ssh/keys/key-ring.ts')}'
      import { sudoPasswords } from '${join(import.meta.dirname, '../../../src/ssh/shell/sudo-passwords.ts')}'
      const input = { env: process.env, ask: async () => undefined }
      const keys = await loadKeyRing({ ...input, identities: ['${host.userKey}'] })
      const transport = await connect(${JSON.stringify(host.target({ user: 'asked' }))}, { keys, password: sudoPasswords(input, []) })
      console.log((await transport.run('id -u')).stdout)
      await transport.close()`
    const file = join(host.directory, 'password')
    writeFileSync(file, `${host.password}\n`, { mode: 0o600 })
    const { stdout } = await promisify(execFile)(
      '/usr/bin/strace',
      [
        '-f',
        '-e',
        'trace=execve',
        '-s',
        '4096',
        '-o',
        trace,
        process.execPath,
        '--input-type=module-typescript',
        '-e',
        source,
      ],
      { env: { KEEL_SUDO_PASSWORD_FILE: file } },
    )
    expect(stdout).toBe('0\n\n')
    expect(readFileSync(trace, 'utf8')).toMatch(/execve\(/)
    expect(readFileSync(trace, 'utf8')).not.toContain(tracedForm(host.password))
  })
})

async function straced(pid: number, trace: string): Promise<ChildProcess> {
  const strace = spawn('/usr/bin/strace', ['-f', '-e', 'trace=execve', '-s', '4096', '-o', trace, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await once(strace.stderr, 'data')
  return strace
}

/** strace writes bytes beyond ASCII as octal. */
function tracedForm(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => (byte < 128 ? String.fromCharCode(byte) : `\\${byte.toString(8)}`))
    .join('')
}
