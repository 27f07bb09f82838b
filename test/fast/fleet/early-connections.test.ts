import { expect, test, vi } from 'vitest'
import type { Connect } from '../../../src/fleet/connect.ts'
import { EarlyConnections } from '../../../src/fleet/early-connections.ts'
import { targetOf } from '../../../src/fleet/target-of.ts'
import type { SshTarget, Transport } from '../../../src/ssh/transport.ts'
import { sampleHost } from '../../support/samples/sample-cluster.ts'

const [maia, luna] = [sampleHost({ name: 'maia' }), sampleHost({ name: 'luna' })]
const never = new AbortController().signal

function transportTo(target: SshTarget): Transport & { readonly close: ReturnType<typeof vi.fn> } {
  return { target, run: () => Promise.reject(new Error('runs nothing')), close: vi.fn(async () => undefined) }
}

test('each connection begins at once, is taken once, and is closed if nobody takes it', async () => {
  const opened: ReturnType<typeof transportTo>[] = []
  const connect = vi.fn<Connect>(async (target) => {
    const transport = transportTo(target)
    opened.push(transport)
    return transport
  })
  const early = new EarlyConnections([maia, luna], connect, never)
  expect(connect).toHaveBeenCalledTimes(2)
  expect(await early.connect(targetOf(maia))).toBe(opened[0])
  expect(connect).toHaveBeenCalledTimes(2)
  expect(await early.connect(targetOf(maia))).toBe(opened[2])
  await early[Symbol.asyncDispose]()
  expect(opened.map(({ close }) => close.mock.calls.length)).toEqual([0, 1, 0])
})

test('a host that can’t be reached is the fault of the one who takes the connection, and of nobody else', async () => {
  const refused = new Error('refused')
  const early = new EarlyConnections([maia, luna], () => Promise.reject(refused), never)
  await new Promise((resolve) => setImmediate(resolve))
  await expect(early.connect(targetOf(maia))).rejects.toBe(refused)
  await early[Symbol.asyncDispose]()
})

test('the signal of the one who takes a connection ends its attempt, also if it was aborted before', async () => {
  const hangs: Connect = (_target, signal) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  await using early = new EarlyConnections([maia, luna], hangs, never)
  const reason = new Error('enough')
  const later = new AbortController()
  const taken = early.connect(targetOf(maia), later.signal)
  later.abort(reason)
  await expect(taken).rejects.toBe(reason)
  await expect(early.connect(targetOf(luna), AbortSignal.abort(reason))).rejects.toBe(reason)
})

test('a host without a key is nothing to connect to', () => {
  const { hostKey: _, ...unknown } = maia
  const connect = vi.fn<Connect>(async (target) => transportTo(target))
  new EarlyConnections([unknown], connect, never)
  expect(connect).not.toHaveBeenCalled()
})
