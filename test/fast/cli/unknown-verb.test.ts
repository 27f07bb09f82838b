import { expect, test } from 'vitest'
import { keel } from '../../support/keel/keel-in-process.ts'

const unknown = expect.stringContaining("unknown command 'depoly'\n(Did you mean deploy?)")

test.each([[['depoly']], [['depoly', '--help']], [['depoly', '-h']], [['-C', '.', 'depoly', 'maia', '--help']]])(
  '%j: no such verb, and the nearest',
  async (argv) => {
    expect(await keel('/', argv)).toEqual({ exit: 2, out: '', err: unknown })
  },
)

test.each([[['--help']], [['help']], [['-C', '.', '--help']]])('%j: the help', async (argv) => {
  expect(await keel('/', argv)).toMatchObject({ exit: 0, out: expect.stringMatching(/^Usage: keel/) })
})
