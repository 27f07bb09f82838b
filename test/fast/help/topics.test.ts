import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { verbs } from '../../../src/commands/index.ts'
import { topics } from '../../../src/help/pages.ts'
import { TOPICS_LIKE_VERBS } from '../../../src/help/topic-command.ts'
import { painted } from '../../../src/ui/style.ts'
import { pages, textOf } from '../../support/docs/blocks.ts'
import { keel, recordingIo } from '../../support/keel/keel-in-process.ts'

const vip = textOf('docs/vip.md')

/** What keel prints on a terminal with colours. */
async function onTerminal(argv: readonly string[], columns: number): Promise<string> {
  const { io } = recordingIo('/')
  let shown = ''
  await keel('/', argv, '', {
    stdin: Readable.from([]),
    stdout: Object.assign(io.stdout, { isTTY: true, columns }),
    colors: { stdout: true, stderr: true },
    show: (text) => {
      shown += `${painted(text, true)}\n`
    },
  })
  return shown
}

test('keel help topics lists every page of docs/ by name, with its title', async () => {
  const { exit, out } = await keel('/', ['help', 'topics'])
  expect(exit).toBe(0)
  expect(out).toMatch(/^ {2}vip +A virtual IP$/m)
  const names = pages.filter((page) => /^docs\/[^/]+$/.test(page)).map((page) => page.slice('docs/'.length, -3))
  expect(topics().map(({ name }) => name)).toEqual(names.map((name) => name.toLowerCase()).toSorted())
  for (const { name, title } of topics()) expect(out).toMatch(new RegExp(`^  ${name} +${title.slice(0, 30)}`, 'm'))
})

describe('a topic', () => {
  test('is the page itself for a program', async () => {
    expect(await keel('/', ['help', 'topics', 'vip'])).toEqual({ exit: 0, out: vip, err: '' })
    expect(await keel('/', ['help', 'security'])).toEqual({ exit: 0, out: textOf('docs/security.md'), err: '' })
  })

  test('is laid out for a terminal, in its width', async () => {
    const text = await onTerminal(['help', 'topics', 'vip'], 70)
    expect(text).toContain('\u001b[1m\u001b[4mA virtual IP')
    expect(text).toContain('\u001b[36mkeepalived\u001b[39m')
    expect(text).not.toMatch(/^#|`/m)
    const plain = text.split('\n').map((line) => line.replace(/\u001b\[\d+m/g, ''))
    expect(Math.max(...plain.filter((line) => !line.startsWith('    ')).map((line) => line.length))).toBeLessThan(71)
  })

  test('with the name of a verb is named by the help of the verb', async () => {
    expect((await keel('/', ['help', 'vip'])).out).toMatch(/^Usage: keel vip[\s\S]*More: `keel help topics vip`\n$/)
  })

  test.each([
    [['securty'], 'security'],
    [['topic'], 'topics'],
    [['depoly'], 'deploy'],
    [['topics', 'secrts'], 'secrets'],
    [['topics', 'vpi'], 'topics vip'],
  ])('%j: the nearest', async (words, nearest) => {
    expect(await keel('/', ['help', ...words])).toEqual({
      exit: 2,
      out: '',
      err: `keel: no help on ${words.at(-1)}\n  do:  did you mean \`keel help ${nearest}\`?\n`,
    })
  })

  test.each([
    ['backup', 'keel help back-up-and-restore'],
    ['restore', 'keel help back-up-and-restore'],
    ['remove', 'keel help remove-a-node'],
    ['upgrade', 'keel help upgrade-k3s'],
    ['tags', 'keel explain host.tags'],
    ['host-key', 'keel explain host.hostKey'],
    ['a', 'keel help add-a-node` or `keel help remove-a-node` or `keel help replace-a-dead-server'],
  ])('%s: the pages that have the word in their names, or the key', async (word, command) => {
    expect(await keel('/', ['help', word])).toEqual({
      exit: 2,
      out: '',
      err: `keel: no help on ${word}\n  do:  did you mean \`${command}\`?\n`,
    })
  })

  test.each(['nonsense', '../README', 'constructor', ''])('%j: none', async (word) => {
    expect(await keel('/', ['help', 'topics', word])).toMatchObject({
      exit: 2,
      err: expect.stringContaining('`keel help topics`'),
    })
  })
})

test('every verb that names a topic names one that is there', () => {
  const names = topics().map(({ name }) => name)
  expect(verbs.flatMap(({ more = [] }) => more).filter((more) => !names.includes(more))).toEqual([])
})

test('a topic is named with `topics` where a verb has its name, and only there', async () => {
  const names = topics().map(({ name }) => name)
  expect(TOPICS_LIKE_VERBS).toEqual(
    verbs
      .map(({ name }) => name)
      .filter((name) => names.includes(name))
      .toSorted(),
  )
  expect((await keel('/', ['help', 'secret'])).out).toMatch(/\nMore: `keel help secrets`\n$/)
  expect((await keel('/', ['help', 'plan'])).out).toMatch(/\nMore: `keel help topics plan`\n$/)
})

test('a shell completes verbs and topics', async () => {
  const { out } = await keel('/', ['complete', '--', 'help', 'se'])
  expect(out.trim().split('\n')).toEqual(['secret', 'secrets', 'security'])
})
