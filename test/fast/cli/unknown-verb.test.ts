import { expect, test } from 'vitest'
import { keel } from '../../support/keel/keel-in-process.ts'

const unknown = expect.stringContaining("unknown command 'depoly'\n(Did you mean deploy?)")

test.each([[['depoly']], [['depoly', '--help']], [['depoly', '-h']], [['-C', '.', 'depoly', 'maia', '--help']]])(
  '%j: no such verb, and the nearest',
  async (argv) => {
    expect(await keel('/', argv)).toEqual({ exit: 2, out: '', err: unknown })
  },
)

test.each([
  [['secret', 'shwo'], 'show'],
  [['secret', 'shwo', '--help'], 'show'],
  [['secret', '-C', '.', 'shwo', 'wifi', '-h'], 'show'],
  [['-C', '.', 'lab', 'dwon', '--help'], 'down'],
])('%j: no such verb of a verb, and the nearest', async (argv, nearest) => {
  const err = expect.stringContaining(
    `unknown command '${argv.findLast((word) => /^(shwo|dwon)$/.test(word))}'\n(Did you mean ${nearest}?)`,
  )
  expect(await keel('/', argv)).toEqual({ exit: 2, out: '', err })
})

test.each([[['--help']], [['help']], [['-C', '.', '--help']]])('%j: the help', async (argv) => {
  expect(await keel('/', argv)).toMatchObject({ exit: 0, out: expect.stringMatching(/^Usage: keel/) })
})

test.each([
  [['secret', '--help']],
  [['secret', '-h', 'show', 'wifi']],
  [['secret', 'help', 'show']],
  [['help', 'secret']],
])('%j: the help of the verb', async (argv) => {
  expect(await keel('/', argv)).toMatchObject({ exit: 0, out: expect.stringMatching(/^Usage: keel secret/) })
})
