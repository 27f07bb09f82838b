import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { connect } from '../../../src/ssh/connect.ts'
import { scanHostKeys } from '../../../src/ssh/scan-host-keys.ts'
import type { RunOptions, SshTarget } from '../../../src/ssh/transport.ts'
import { type Answer, fakeKeys, hostile, startFakeSshHost } from '../../support/hosts/fake-ssh-host.ts'

async function runOn(answer: Answer, options: RunOptions = {}) {
  await using host = await startFakeSshHost(answer)
  const transport = await connect(host.target(), { keys: fakeKeys })
  try {
    const result = await transport.run('true', options).catch((error: unknown) => error)
    return { result, sent: host.sent() }
  } finally {
    await transport.close()
  }
}

const MiB = 1024 * 1024
/** What is on the way when keel has had enough: ssh2's window, and the server's own buffers. */
const underWay = 4 * MiB

test.each([
  { name: 'flood', found: /more than 4194304 bytes on stdout$/ },
  { name: 'flooderr', found: /more than 4194304 bytes on stderr/ },
  { name: 'newlines', found: /more than 4194304 bytes on stdout$/ },
  { name: 'big', found: /more than 4194304 bytes on stdout$/ },
  { name: 'noise', found: /more than 4194304 bytes on stdout before its root shell was there/ },
  { name: 'noisyerr', found: /more than 4194304 bytes on stderr/ },
] as const)('attack 6: $name: the host is named and cut off, and little of it is kept', async ({ name, found }) => {
  const { result, sent } = await runOn(hostile[name])
  expect(result).toMatchObject({ code: 'ssh-garbled', at: 'maia', exit: 6, found: expect.stringMatching(found) })
  expect(sent).toBeLessThan(4 * MiB + underWay)
})

test.each(['loris', 'lorispre'] as const)('attack 6: %s: a byte now and then extends nothing', async (name) => {
  const { result } = await runOn(hostile[name], { totalMs: 400 })
  expect(result).toMatchObject({
    code: 'ssh-timeout',
    at: 'maia',
    exit: 6,
    found: expect.stringContaining('the script did not end within 0.4 s'),
  })
})

describe('somebody who accepts connections and is no SSH server', () => {
  const listening = async (talk: (socket: Socket) => void) => {
    const server = createServer((socket) => talk(socket.on('error', () => undefined))).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { server, address: { user: 'root', host: '127.0.0.1', port: Object(server.address()).port } }
  }
  const hostKey = 'ssh-ed25519 AAAA' as SshTarget['hostKey']

  test('attack 6: lines without end before a banner, for a connection and for a scan', async () => {
    let sent = 0
    const { server, address } = await listening((socket) => {
      const line = `${'x'.repeat(1000)}\n`
      const write = () => {
        sent += line.length
        if (!socket.destroyed) void (socket.write(line) ? setImmediate(write) : socket.once('drain', write))
      }
      write()
    })
    const expected = { code: 'ssh-handshake', exit: 6, found: expect.stringContaining('no SSH banner') }
    await expect(connect({ name: 'maia', address, hostKey }, { keys: fakeKeys })).rejects.toMatchObject(expected)
    await expect(scanHostKeys(address)).rejects.toMatchObject(expected)
    expect(sent).toBeLessThan(30 * MiB)
    server.close()
  })

  test('attack 6: a byte of a banner now and then', async () => {
    const { server, address } = await listening((socket) => {
      const timer = setInterval(() => socket.write('S'), 10)
      socket.once('close', () => clearInterval(timer))
    })
    await expect(scanHostKeys(address, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'ssh-timeout', exit: 6 })
    server.close()
  })

  test('another service: its first words are told, and it is not tried again', async () => {
    let connections = 0
    const { server, address } = await listening((socket) => {
      connections++
      socket.end('220 mail.example ESMTP\r\n')
    })
    await expect(connect({ name: 'maia', address, hostKey }, { keys: fakeKeys })).rejects.toMatchObject({
      code: 'ssh-handshake',
      found: expect.stringContaining('220 mail.example ESMTP'),
      why: 'another service listens there',
    })
    expect(connections).toBe(1)
    server.close()
  })
})

test('a host that forbids sessions says so, and is not asked again', async () => {
  await using host = await startFakeSshHost(hostile.nothing, { forbidsSessions: true })
  const transport = await connect(host.target(), { keys: fakeKeys })
  await expect(transport.run('true')).rejects.toMatchObject({
    code: 'ssh-sessions',
    exit: 6,
    at: 'maia',
    found: expect.stringContaining('runs no commands for root'),
  })
})

test('attack 6: a flood of lines is no flood of progress', async () => {
  let lines = 0
  const { result } = await runOn(hostile.newlines, { onLine: () => lines++ })
  expect(result).toMatchObject({ code: 'ssh-garbled', found: expect.stringContaining('more than 10000 lines') })
  expect(lines).toBe(10_000)
})

test('attack 6: data after the end of a stream ends the run, not the process', async () => {
  const { result } = await runOn(hostile.afterend, { totalMs: 500 })
  expect(result).toMatchObject({ code: expect.stringMatching(/^ssh-/), at: 'maia' })
})

test('a script may ask for more', async () => {
  const answer: Answer = (channel) => {
    channel.write(`keel:ready\n${'x'.repeat(5 * MiB)}`)
    channel.exit(0)
    channel.end()
  }
  expect((await runOn(answer)).result).toMatchObject({ code: 'ssh-garbled' })
  expect((await runOn(answer, { outputBytes: 6 * MiB })).result).toMatchObject({ exitCode: 0 })
})
