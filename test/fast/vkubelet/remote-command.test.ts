import { describe, expect, test } from 'vitest'
import { commandQuery } from '../../../src/vkubelet/remote-command/command-query.ts'
import { type CommandEvent, CommandSession } from '../../../src/vkubelet/remote-command/command-session.ts'
import { exitStatus } from '../../../src/vkubelet/remote-command/exit-status.ts'
import { type ForwardEvent, ForwardSession } from '../../../src/vkubelet/remote-command/forward-session.ts'
import { protocolOf } from '../../../src/vkubelet/remote-command/protocol.ts'
import { TerminalSizes } from '../../../src/vkubelet/remote-command/terminal-size.ts'
import type { Frame } from '../../../src/vkubelet/spdy/frame.ts'
import { FrameReader } from '../../../src/vkubelet/spdy/frame-reader.ts'
import { SpdyStreams } from '../../../src/vkubelet/spdy/spdy-streams.ts'

describe('what kubectl wants to run', () => {
  const of = (text: string) => commandQuery(new URLSearchParams(text))
  test.each([
    [
      'command=sh&command=-c&command=a%20b&output=1&error=1',
      { command: ['sh', '-c', 'a b'], stdin: false, stdout: true, stderr: true, tty: false },
    ],
    ['command=sh&input=1&output=1&tty=1', { command: ['sh'], stdin: true, stdout: true, stderr: false, tty: true }],
    ['output=true', { command: [], stdin: false, stdout: true, stderr: false, tty: false }],
  ])('%s', (query, expected) => {
    expect(of(query)).toEqual(expected)
  })

  test.each([
    '',
    'command=sh',
    'command=sh&output=0',
    'output=1&error=1&tty=1',
    'output=1&other=1',
    'command=a%00b&output=1',
    `output=1&command=${'x'.repeat(140_000)}`,
  ])('%.40s is refused', (query) => {
    expect(of(query)).toHaveProperty('fault')
  })
})

test('the protocol is the best that both know', () => {
  const five = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io']
  expect(protocolOf('spdy', 'command', five)).toBe('v4.channel.k8s.io')
  expect(protocolOf('spdy', 'command', [five.join(', ')])).toBe('v4.channel.k8s.io')
  expect(protocolOf('spdy', 'command', ['v3.channel.k8s.io'])).toBeUndefined()
  expect(protocolOf('spdy', 'forward', ['portforward.k8s.io'])).toBe('portforward.k8s.io')
  expect(protocolOf('spdy', 'forward', five)).toBeUndefined()
  expect(protocolOf('websocket', 'command', [five.toReversed().join(', ')])).toBe('v5.channel.k8s.io')
  expect(protocolOf('websocket', 'command', ['v4.channel.k8s.io'])).toBe('v4.channel.k8s.io')
  expect(protocolOf('websocket', 'command', ['channel.k8s.io', 'base64.channel.k8s.io'])).toBeUndefined()
  expect(protocolOf('websocket', 'forward', ['SPDY/3.1+portforward.k8s.io'])).toBe('SPDY/3.1+portforward.k8s.io')
  expect(protocolOf('websocket', 'forward', ['portforward.k8s.io'])).toBeUndefined()
})

test('an exit code, as kubectl reads it', () => {
  const of = (code: number) => JSON.parse(exitStatus({ kind: 'exited', code }).toString())
  expect(of(0)).toEqual({ metadata: {}, status: 'Success' })
  expect(of(7)).toMatchObject({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '7' }] },
  })
  expect(JSON.parse(exitStatus({ kind: 'failed', message: 'no such container' }).toString())).toMatchObject({
    status: 'Failure',
    message: 'no such container',
  })
})

describe('the size of a terminal', () => {
  const read = (...pieces: readonly string[]) => {
    const sizes = new TerminalSizes()
    return pieces.map((piece) => sizes.read(Buffer.from(piece)))
  }
  test('comes in objects, in pieces of any size; the last one counts', () => {
    expect(read('{"Width":101,"Hei', 'ght":33}\n')).toEqual([undefined, { width: 101, height: 33 }])
    expect(read('{"Width":1,"Height":2}\n{"Width":3,"Height":4}\n')).toEqual([{ width: 3, height: 4 }])
    // not every client of WebSockets ends them
    expect(read('{"Width":1,"Height":2}', '{"Width":3,', '"Height":4}')).toEqual([
      { width: 1, height: 2 },
      undefined,
      { width: 3, height: 4 },
    ])
  })

  test.each([
    '{"Width":-1,"Height":2}\n',
    '{"Width":1e9,"Height":2}\n',
    '[]\n',
    'x\n',
    `${' '.repeat(300)}{"Width":1,"Height":2}\n`,
  ])('attack: %.30j is none', (text) => {
    expect(read(text)).toEqual([undefined])
  })

  test('attack: a line without end takes no memory', () => {
    const sizes = new TerminalSizes()
    for (let index = 0; index < 1_000; index++) sizes.read(Buffer.alloc(10_000, ' '))
    expect(sizes.read(Buffer.from('\n{"Width":1,"Height":2}\n'))).toEqual({ width: 1, height: 2 })
  })
})

const REPLY = Buffer.from('80030002', 'hex')

/** The frames that a client would get, with the data of a stream in one piece. */
function connection() {
  const sent: Buffer[] = []
  const streams = new SpdyStreams((bytes) => sent.push(bytes))
  const output = (stream: number) => {
    // replies are no frames that a client sends; headers and data come one after the other
    const frames = sent.filter((bytes) => !bytes.subarray(0, 4).equals(REPLY))
    const reader = new FrameReader()
    const own = frames
      .flatMap((bytes) => reader.read(bytes))
      .filter((frame) => 'stream' in frame && frame.stream === stream)
    const text = own.map((frame) => (frame.kind === 'data' ? frame.bytes.toString() : '')).join('')
    return {
      text,
      isOver: own.some((frame) => frame.kind === 'data' && frame.isLast),
      isReset: own.some(({ kind }) => kind === 'reset'),
    }
  }
  const frame = (stream: number, headers: Readonly<Record<string, string>>): Frame => ({
    kind: 'open',
    stream,
    headers: new Map(Object.entries(headers)),
    isLast: false,
  })
  return { streams, output, frame }
}

const bytes = (text: string) => Buffer.from(text)

describe('a command', () => {
  const begin = (tty = false) => {
    const one = connection()
    const session = new CommandSession(one.streams, { command: ['sh'], stdin: true, stdout: true, stderr: !tty, tty })
    const take = (frame: Frame): readonly CommandEvent[] =>
      one.streams.take(frame).flatMap((event) => session.take(event))
    return { ...one, session, take }
  }

  test('begins when all of its streams are there, and ends on all of them', () => {
    const { frame, take, session, output } = begin()
    expect(take(frame(1, { streamtype: 'error' }))).toEqual([])
    expect(take(frame(3, { streamtype: 'stdin' }))).toEqual([])
    expect(take(frame(5, { streamtype: 'stdout' }))).toEqual([])
    expect(session.write('stdout', bytes('too early'))).toBe(false)
    expect(take(frame(7, { streamtype: 'stderr' }))).toEqual([{ kind: 'start' }])
    expect(take({ kind: 'data', stream: 3, bytes: bytes('in'), isLast: true })).toEqual([
      { kind: 'stdin', bytes: bytes('in') },
      { kind: 'stdin-ended' },
    ])
    expect([session.write('stdout', bytes('out')), session.write('stderr', bytes('err'))]).toEqual([true, true])
    session.end({ kind: 'exited', code: 7 })
    expect(output(5)).toEqual({ text: 'out', isOver: true, isReset: false })
    expect(output(7)).toEqual({ text: 'err', isOver: true, isReset: false })
    expect(output(3)).toMatchObject({ isOver: true })
    expect(JSON.parse(output(1).text)).toMatchObject({ reason: 'NonZeroExitCode' })
    expect(output(1).isOver).toBe(true)
    // kubectl resets each of them then
    expect(take({ kind: 'reset', stream: 1, status: 5 })).toEqual([])
    expect(session.close()).toEqual([])
  })

  test('with a terminal gets its size, and has no stderr', () => {
    const { frame, take, output } = begin(true)
    for (const [index, streamtype] of ['error', 'stdin', 'stdout'].entries()) take(frame(index * 2 + 1, { streamtype }))
    expect(take(frame(7, { streamtype: 'stderr' }))).toEqual([])
    expect(output(7).isReset).toBe(true)
    expect(take(frame(9, { streamtype: 'resize' }))).toEqual([{ kind: 'start' }])
    expect(take({ kind: 'data', stream: 9, bytes: bytes('{"Width":80,"Height":24}\n'), isLast: false })).toEqual([
      { kind: 'resize', size: { width: 80, height: 24 } },
    ])
  })

  test('is ended when its client goes, once', () => {
    const { frame, take, session } = begin()
    for (const [index, streamtype] of ['error', 'stdin', 'stdout', 'stderr'].entries())
      take(frame(index * 2 + 1, { streamtype }))
    expect(take({ kind: 'reset', stream: 5, status: 5 })).toEqual([{ kind: 'gone' }])
    expect(take({ kind: 'reset', stream: 7, status: 5 })).toEqual([])
    expect(session.close()).toEqual([])
    expect(session.write('stdout', bytes('x'))).toBe(false)
  })

  test('that has not begun needs no end', () => {
    expect(begin().session.close()).toEqual([])
  })

  test.each([
    ['of another kind', { streamtype: 'resize' }],
    ['without a kind', {}],
    ['a second time', { streamtype: 'error' }],
  ])('attack: a stream %s is refused', (_what, headers) => {
    const { frame, take, output } = begin()
    take(frame(1, { streamtype: 'error' }))
    expect(take(frame(3, headers as Readonly<Record<string, string>>))).toEqual([])
    expect(output(3).isReset).toBe(true)
  })
})

describe('a port-forward', () => {
  const begin = () => {
    const one = connection()
    const session = new ForwardSession(one.streams)
    const take = (frame: Frame): readonly ForwardEvent[] =>
      one.streams.take(frame).flatMap((event) => session.take(event))
    const pair = (error: number, id: string, port = '80') => [
      ...take(one.frame(error, { streamtype: 'error', port, requestid: id })),
      ...take(one.frame(error + 2, { streamtype: 'data', port, requestid: id })),
    ]
    return { ...one, session, take, pair }
  }

  test('has a connection for each pair of streams', () => {
    const { pair, take, session, output } = begin()
    expect(pair(1, '0')).toEqual([{ kind: 'connect', connection: 3, port: 80 }])
    expect(pair(5, '1', '8080')).toEqual([{ kind: 'connect', connection: 7, port: 8080 }])
    // kubectl writes nothing on the error stream
    expect(take({ kind: 'data', stream: 1, bytes: bytes(''), isLast: true })).toEqual([])
    expect(take({ kind: 'data', stream: 3, bytes: bytes('GET'), isLast: false })).toEqual([
      { kind: 'data', connection: 3, bytes: bytes('GET') },
    ])
    expect(session.write(3, bytes('200'))).toBe(true)
    session.end(3)
    expect(output(3)).toEqual({ text: '200', isOver: true, isReset: false })
    expect(output(1)).toEqual({ text: '', isOver: true, isReset: false })
    expect(session.write(3, bytes('more'))).toBe(false)
    session.end(7, 'nobody listens on port 8080')
    expect(output(5)).toMatchObject({ text: 'nobody listens on port 8080', isOver: true })
  })

  test('ends its connections with the client', () => {
    const { pair, take, session, output } = begin()
    pair(1, '0')
    pair(5, '1')
    expect(take({ kind: 'reset', stream: 3, status: 5 })).toEqual([{ kind: 'closed', connection: 3 }])
    expect(output(1).isReset).toBe(true)
    expect(session.close()).toEqual([{ kind: 'closed', connection: 7 }])
  })

  test.each([
    ['no port', { streamtype: 'error', requestid: '0' }],
    ['a port that is none', { streamtype: 'error', requestid: '0', port: '65536' }],
    ['a port with words', { streamtype: 'error', requestid: '0', port: '80; x' }],
    ['another kind', { streamtype: 'stdin', requestid: '0', port: '80' }],
    ['an endless ID', { streamtype: 'error', requestid: '0'.repeat(99), port: '80' }],
  ])('attack: a stream with %s is refused', (_what, headers) => {
    const { frame, take, output } = begin()
    expect(take(frame(1, headers))).toEqual([])
    expect(output(1).isReset).toBe(true)
  })

  test('attack: a pair of two ports, a third stream, and many halves are refused', () => {
    const { frame, take, output, pair } = begin()
    take(frame(1, { streamtype: 'error', port: '80', requestid: '0' }))
    expect(take(frame(3, { streamtype: 'data', port: '81', requestid: '0' }))).toEqual([])
    expect(take(frame(5, { streamtype: 'error', port: '80', requestid: '0' }))).toEqual([])
    expect([output(3).isReset, output(5).isReset]).toEqual([true, true])
    for (let index = 1; index < 64; index++)
      take(frame(index * 2 + 5, { streamtype: 'error', port: '80', requestid: `${index}` }))
    expect(pair(201, 'one more')).toEqual([])
    expect(output(201).isReset).toBe(true)
  })
})
