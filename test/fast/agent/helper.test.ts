import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type BoundedLine, boundedLines } from '../../../src/agent/helper/bounded-lines.ts'
import { helperAt } from '../../../src/agent/helper/helper.ts'
import { UnknownUnit } from '../../../src/agent/helper/helper-error.ts'
import { HelperStandIn } from '../../support/agent/helper-stand-in.ts'
import { until } from '../../support/until.ts'

async function* chunks(...parts: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const part of parts) yield Buffer.from(part)
}
async function all<One>(of: AsyncIterable<One>): Promise<readonly One[]> {
  const found: One[] = []
  for await (const one of of) found.push(one)
  return found
}

describe('lines of somebody else', () => {
  test.each<[string, readonly string[], readonly BoundedLine[]]>([
    ['one', ['a\n'], [{ text: 'a', isCut: false }]],
    [
      'in pieces',
      ['a', 'b\nc', '\n'],
      [
        { text: 'ab', isCut: false },
        { text: 'c', isCut: false },
      ],
    ],
    [
      'empty ones',
      ['\n\n'],
      [
        { text: '', isCut: false },
        { text: '', isCut: false },
      ],
    ],
    ['one that has no end', ['a\nb'], [{ text: 'a', isCut: false }]],
    ['as long as allowed', ['12345678\n'], [{ text: '12345678', isCut: false }]],
    [
      'longer',
      ['123456789\nb\n'],
      [
        { text: '12345678', isCut: true },
        { text: 'b', isCut: false },
      ],
    ],
    [
      'longer, in pieces',
      ['12345', '6789', '0\nb\n'],
      [
        { text: '12345678', isCut: true },
        { text: 'b', isCut: false },
      ],
    ],
  ])('%s', async (_what, parts, expected) => {
    expect(await all(boundedLines(chunks(...parts), 8))).toEqual(expected)
  })

  test('are the same, however they arrive', async () => {
    const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', '\n', 'é'), maxLength: 20 }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(pieces, async (parts) => {
        const found = await all(boundedLines(chunks(...parts), 8))
        expect(found).toEqual(await all(boundedLines(chunks(parts.join('')), 8)))
        expect(found.length).toBe(parts.join('').split('\n').length - 1)
        for (const { text } of found) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10)
      }),
    )
  })

  test('attack 6: one that never ends is left', async () => {
    const endless = chunks(...Array.from({ length: 20 }, () => 'x'.repeat(10)))
    await expect(all(boundedLines(endless, 8, 100))).rejects.toThrow('the helper sends a line without end')
  })

  test('attack 6: one without end takes no memory', async () => {
    // one and the same: only what is kept of it takes memory
    const chunk = Buffer.alloc(1_048_576, 97)
    const endless = (async function* () {
      for (let sent = 0; sent < 100; sent++) yield chunk
      yield Buffer.from('\n')
    })()
    const before = process.memoryUsage().arrayBuffers
    const [line] = await all(boundedLines(endless, 1000))
    expect(line).toEqual({ text: 'a'.repeat(1000), isCut: true })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1_048_576)
  })
})

describe('the helper', () => {
  let standIn: HelperStandIn
  beforeEach(async () => {
    standIn = new HelperStandIn()
    await standIn.listen()
  })
  afterEach(() => standIn.close())

  test('answers with lines, until its last one', async () => {
    standIn.act = (socket) => socket.write('a\nb\nend\tok\nmore\n')
    expect(await helperAt(standIn.paths).ask('look', 'services')).toEqual(['a', 'b'])
    await helperAt(standIn.paths).ask('act', 'reboot')
    expect(standIn.asked).toEqual(['look services', 'act reboot'])
    await until('the connections are closed', () => standIn.open.size === 0)
  })

  test.each<[string, HelperStandIn['act'], RegExp]>([
    ['says that it failed', (socket) => socket.end('end\tfailed\n'), /^the helper answers: failed$/],
    ['stops in the middle', (socket) => socket.end('a\nb'), /^the helper stopped in the middle/],
    ['says nothing', (socket) => socket.end(), /^the helper stopped in the middle/],
    ['breaks off', (socket) => socket.destroy(), /^the helper (broke off|stopped)/],
    ['sends noise', (socket) => socket.end(Buffer.from([0, 1, 2, 255, 10, 13])), /^the helper stopped in the middle/],
    [
      'sends a line without end',
      (socket) => socket.end(`${'x'.repeat(70_000)}\nend\tok\n`),
      /^the helper says too much$/,
    ],
    [
      'sends lines without end',
      (socket) => socket.end(`${'x\n'.repeat(30_000)}end\tok\n`),
      /^the helper says too much$/,
    ],
  ])('is not believed where it %s', async (_what, act, reason) => {
    standIn.act = act
    await expect(helperAt(standIn.paths).ask('look', 'drift')).rejects.toThrow(reason)
    await until('the connection is closed', () => standIn.open.size === 0)
  })

  test('attack 6: is asked once for what many ask at once, and for each thing to do', async () => {
    const helper = helperAt(standIn.paths)
    await Promise.all([...Array(50)].map(() => helper.ask('look', 'drift')))
    await Promise.all([...Array(2)].map(() => helper.ask('act', 'reboot')))
    await helper.ask('look', 'drift')
    expect(standIn.asked.toSorted()).toEqual(['act reboot', 'act reboot', 'look drift', 'look drift'])
  })

  test('may not know a unit', async () => {
    standIn.act = (socket) => socket.end('end\tunknown-unit\n')
    await expect(helperAt(standIn.paths).ask('act', 'restart k3s.service')).rejects.toThrow(UnknownUnit)
  })

  test('may not be there', async () => {
    await expect(helperAt({ look: '/nothing/look', act: '/nothing/act' }).ask('look', 'drift')).rejects.toThrow(
      /^the helper can’t be reached \(ENOENT\)$/,
    )
  })

  test('that never answers is left when nobody waits any more', async () => {
    standIn.act = () => undefined
    const ending = new AbortController()
    const found = all(helperAt(standIn.paths).follow('journal k3s.service 0 10 1', ending.signal))
    await until('it is asked', () => standIn.asked.length === 1)
    ending.abort()
    await expect(found).rejects.toThrow(/did not end its answer in time/)
    await until('the connection is closed', () => standIn.open.size === 0)
  })

  test('attack 6: is read only as fast as its lines are taken', async () => {
    let sent = 0
    standIn.act = (socket) => {
      const more = () => {
        while (sent < 10_000 && socket.write(`${'x'.repeat(10_000)}\n`)) sent++
        sent++
      }
      socket.on('drain', more)
      more()
    }
    const ending = new AbortController()
    const lines = helperAt(standIn.paths).follow('journal k3s.service 0 10 1', ending.signal)
    await lines.next()
    let before = -1
    await until(
      'it waits',
      () => {
        const isSame = before === sent
        before = sent
        return isSame && sent > 1
      },
      30,
      200,
    )
    expect(sent).toBeLessThan(200)
    await lines.return(undefined)
  })
})
