import { expect, test } from 'vitest'
import { connect } from '../../../src/ssh/connect.ts'
import type { RunOptions } from '../../../src/ssh/transport.ts'
import { type Answer, fakeKeys, hostile, startFakeSshHost } from '../../support/fake-ssh-host.ts'

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
  const { result } = await runOn(hostile[name], { timeoutMs: 100, totalMs: 400 })
  expect(result).toMatchObject({
    code: 'ssh-timeout',
    at: 'maia',
    exit: 6,
    found: expect.stringContaining('no end within 0.4 s'),
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
