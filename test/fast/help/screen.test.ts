import { describe, expect, test } from 'vitest'
import { runCommandLine } from '../../../src/command-line.ts'
import { verbs } from '../../../src/commands/index.ts'
import type { Command } from '../../../src/commands/shared/command.ts'
import { verbForm } from '../../../src/commands/shared/verb-form.ts'
import { ExitCode } from '../../../src/errors.ts'
import { shellCommands } from '../../support/docs/shell-commands.ts'
import { keel, recordingIo } from '../../support/keel/keel-in-process.ts'

const commands = (await Promise.all(verbs.map(({ load }) => load()))).flat()
const nameOf = ({ name }: Command<never>) => [name.split(' ')[0], verbForm(name).sub ?? []].flat().join(' ')
const subjects = ['', ...new Set([...verbs.map(({ name }) => name), ...commands.map(nameOf)])]

/** What `--help` prints on a terminal of this width. */
async function helpOf(subject: string, columns: number): Promise<string> {
  const { exit, out, err } = await keel('/', [...subject.split(' ').filter(Boolean), '--help'], '', {
    env: { COLUMNS: `${columns}` },
  })
  expect({ exit, err }).toEqual({ exit: 0, err: '' })
  return out
}

describe.each([60, 100])('on a terminal with %i columns', (columns) => {
  test.each(['', 'plan', 'secret', 'secret import', 'add-node', 'exec'])('keel %s --help', async (subject) => {
    await expect(await helpOf(subject, columns)).toMatchFileSnapshot(
      `../../golden/help/${subject.replace(' ', '-') || 'keel'}.${columns}.txt`,
    )
  })
})

test.each([40, 60, 80, 100])('no help has a line of more than %i columns', async (columns) => {
  const wide = []
  // a word is not broken: `--address <user@host:port>`, or the quotes of a command
  for (const subject of subjects)
    for (const line of (await helpOf(subject, columns)).split('\n'))
      if (line.length > columns && (columns >= 60 || /\s\S+\s+\S/.test(line.trim()))) wide.push({ subject, line })
  expect(wide).toEqual([])
})

test.each([
  ['COLUMNS, before the width of the terminal', { env: { COLUMNS: '60' }, columns: 90 }, 60],
  ['the width of the terminal', { env: {}, columns: 61 }, 61],
  ['80, where nothing says it', { env: { COLUMNS: 'wide' }, columns: 0 }, 80],
  ['100 at most', { env: {}, columns: 300 }, 100],
])('its width is %s', async (_, { env, columns }, width) => {
  const { io, printed } = recordingIo('/', '', { env })
  await runCommandLine(['lab', '--help'], { ...io, stdout: Object.assign(io.stdout, { columns }) })
  const longest = Math.max(
    ...printed()
      .out.split('\n')
      .map((line) => line.length),
  )
  expect(longest).toBeLessThanOrEqual(width)
  expect(longest).toBeGreaterThan(width - 8)
})

test('all verbs fit on one screen, each on a line of its own', async () => {
  const lines = (await helpOf('', 80)).trimEnd().split('\n')
  expect(lines.length).toBeGreaterThanOrEqual(24)
  expect(lines.length).toBeLessThanOrEqual(42)
  for (const { name, summary } of verbs)
    expect(lines).toContainEqual(expect.stringMatching(`^  ${name} +${summary[0]}`))
  expect(lines.filter((line) => line.startsWith('   '))).toEqual([])
})

describe('every example', () => {
  const examples = commands.flatMap((command) => command.examples.map(([line, what]) => ({ command, line, what })))

  test.each(examples.map((one) => [one.line, one] as const))('%s', async (_, { command, line }) => {
    const words = shellCommands(line, nameOf(command)).at(-1)?.words ?? []
    const own = words[0]?.includes('=') ? words.slice(1) : words
    expect(own[0]).toBe('keel')
    const { io, printed } = recordingIo('/nowhere')
    const ran: string[] = []
    await runCommandLine(own.slice(1), io, async ({ name }) => {
      ran.push(name)
      return ExitCode.Done
    })
    expect({ ran, err: printed().err }).toEqual({ ran: [command.name], err: '' })
  })

  test('is there once', () => {
    expect(new Set(examples.map(({ line }) => line)).size).toBe(examples.length)
  })
})

describe('keel help', () => {
  test.each(['', 'deploy', 'lab', 'secret show'])('%s: what --help shows', async (subject) => {
    const words = subject.split(' ').filter(Boolean)
    const { out } = await keel('/', [...words, '--help'])
    expect(await keel('/', ['help', ...words])).toEqual({ exit: 0, out, err: '' })
  })

  test.each([
    ['depoly', 'deploy'],
    ['secret shwo', 'secret show'],
  ])('%s: no such help, and the nearest', async (subject, nearest) => {
    expect(await keel('/', ['help', ...subject.split(' ')])).toEqual({
      exit: 2,
      out: '',
      err: `keel: no help on ${subject}\n  do:  did you mean \`keel help ${nearest}\`?\n`,
    })
  })
})

test.each(['secret', 'lab', ''])('keel %s without a verb: its help, on stderr', async (subject) => {
  const { exit, out, err } = await keel('/', subject.split(' ').filter(Boolean))
  expect({ exit, out, err }).toEqual({ exit: 2, out: '', err: await helpOf(subject, 80) })
})
