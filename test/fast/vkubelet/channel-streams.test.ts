import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChannelFault } from '../../../src/vkubelet/remote-command/channel-fault.ts'
import { ChannelStreams } from '../../../src/vkubelet/remote-command/channel-streams.ts'
import { CommandSession } from '../../../src/vkubelet/remote-command/command-session.ts'

const V5 = 'v5.channel.k8s.io'
const piped = { command: ['sh'], stdin: true, stdout: true, stderr: true, tty: false }
const terminal = { ...piped, stderr: false, tty: true }

/** A command over a WebSocket, with what its client would get: each message as its channel and its text. */
function begin(query = piped, protocol = V5) {
  const sent: [number | undefined, string][] = []
  let isOver = false
  const streams = new ChannelStreams(protocol, query, {
    send: (message) => sent.push([message[0], message.toString('utf8', 1)]),
    end: () => {
      isOver = true
    },
  })
  const session = new CommandSession(streams, query)
  const started = streams.begin().flatMap((event) => session.take(event))
  const take = (channel: number, text = '') =>
    streams.take(Buffer.concat([Buffer.from([channel]), Buffer.from(text)])).flatMap((event) => session.take(event))
  return { streams, session, take, started, sent: () => sent.splice(0), isOver: () => isOver }
}

describe('a command over channels', () => {
  test('begins at once, and tells its client', () => {
    const { started, sent } = begin()
    expect(started).toEqual([{ kind: 'start' }])
    expect(sent()).toEqual([[1, '']])
  })

  test.each([
    ['stderr alone', { ...piped, stdin: false, stdout: false }, 2],
    ['stdin alone', { ...piped, stdout: false, stderr: false }, 3],
  ])('with %s tells it on a channel that the client reads', (_what, query, channel) => {
    expect(begin(query).sent()).toEqual([[channel, '']])
  })

  test('has its input, its outputs and its end, and then closes', () => {
    const { take, session, sent, isOver } = begin()
    sent()
    expect(take(0, 'in')).toEqual([{ kind: 'stdin', bytes: Buffer.from('in') }])
    expect(take(0)).toEqual([])
    expect(take(255, '\0')).toEqual([{ kind: 'stdin-ended' }])
    session.write('stdout', Buffer.from('out'))
    session.write('stderr', Buffer.from('err'))
    expect(isOver()).toBe(false)
    session.end({ kind: 'exited', code: 0 })
    expect(sent()).toEqual([
      [1, 'out'],
      [2, 'err'],
      [3, '{"metadata":{},"status":"Success"}'],
    ])
    expect(isOver()).toBe(true)
    expect(session.write('stdout', Buffer.from('more'))).toBe(false)
    // kubectl ends them all at its end
    for (const channel of ['\0', '\u0001', '\u0002', '\u0003']) expect(take(255, channel)).toEqual([])
    expect(session.close()).toEqual([])
    expect(sent()).toEqual([])
  })

  test('has a terminal with a size', () => {
    const { take, session } = begin(terminal)
    expect(take(4, '{"Width":80,"Height":24}\n')).toEqual([{ kind: 'resize', size: { width: 80, height: 24 } }])
    expect(session.write('stderr', Buffer.from('x'))).toBe(false)
  })

  test('takes nothing on channels that it does not have, or that are its own', () => {
    const { take } = begin({ ...piped, stdin: false })
    for (const channel of [0, 1, 2, 3, 4]) expect(take(channel, 'x')).toEqual([])
    expect(take(255, '\0')).toEqual([])
  })

  test('is ended when its client goes', () => {
    expect(begin().session.close()).toEqual([{ kind: 'gone' }])
  })
})

describe('attack:', () => {
  test.each<[string, readonly (readonly [number, string])[], string]>([
    ['a channel that is none', [[5, 'x']], V5],
    ['the end of a channel that is none', [[255, '\u0005']], V5],
    ['the end of no channel', [[255, '']], V5],
    ['the end of two channels', [[255, '\0\0']], V5],
    ['the end of a channel, in a protocol that has none', [[255, '\0']], 'v4.channel.k8s.io'],
    [
      'data after its end',
      [
        [255, '\0'],
        [0, 'x'],
      ],
      V5,
    ],
  ])('%s ends the connection', (_what, messages, protocol) => {
    const { take } = begin(piped, protocol)
    expect(() => {
      for (const [channel, text] of messages) take(channel, text)
    }).toThrow(ChannelFault)
  })

  test('whatever comes, stdin is what was sent on its channel, until its end, and nothing is answered', () => {
    const message = fc.oneof(
      fc.tuple(fc.constantFrom(0, 1, 3, 4), fc.uint8Array({ maxLength: 20 })),
      fc.tuple(fc.constant(255), fc.constantFrom([0], [1], [4])),
    )
    fc.assert(
      fc.property(fc.array(message, { maxLength: 30 }), (messages) => {
        const { streams, session, sent } = begin(terminal)
        sent()
        const stdin: number[] = []
        let hasEnded = false
        try {
          for (const [channel, bytes] of messages)
            for (const event of streams.take(Buffer.from([channel, ...bytes])).flatMap((one) => session.take(one))) {
              expect(hasEnded && event.kind.startsWith('stdin')).toBe(false)
              if (event.kind === 'stdin') stdin.push(...event.bytes)
              if (event.kind === 'stdin-ended') hasEnded = true
            }
        } catch (error) {
          expect(error).toBeInstanceOf(ChannelFault)
        }
        const wanted: number[] = []
        for (const [channel, bytes] of messages) {
          if (channel === 0) wanted.push(...bytes)
          if (channel === 255) break
        }
        expect(wanted.slice(0, stdin.length)).toEqual(stdin.slice(0, wanted.length))
        expect(sent()).toEqual([])
      }),
    )
  })
})
