import { expect, test } from 'vitest'
import { verbs } from '../../../src/commands/index.ts'
import { EXPECTED_VERBS } from '../../../src/commands/shared/unknown-verb.ts'
import { topics } from '../../../src/help/pages.ts'
import { keel } from '../../support/keel/keel-in-process.ts'

const unknown = 'keel: no such verb: depoly\n  do:  did you mean `keel deploy`?\n'

test.each([
  [['depoly']],
  [['depoly', '--help']],
  [['depoly', '-h']],
  [['-C', '.', 'depoly', 'maia', '--help']],
  [['-C.', 'depoly']],
])('%j: no such verb, and the nearest', async (argv) => {
  expect(await keel('/', argv)).toEqual({ exit: 2, out: '', err: unknown })
})

test.each([
  [['secret', 'shwo'], 'secret show'],
  [['secret', 'shwo', '--help'], 'secret show'],
  [['secret', '-C', '.', 'shwo', 'wifi', '-h'], 'secret show'],
  [['-C', '.', 'lab', 'dwon', '--help'], 'lab down'],
])('%j: no such verb of a verb, and the nearest', async (argv, nearest) => {
  const [verb] = nearest.split(' ')
  const word = argv.findLast((one) => /^(shwo|dwon)$/.test(one))
  const err = `keel: no such verb: ${verb} ${word}\n  do:  did you mean \`keel ${nearest}\`?\n`
  expect(await keel('/', argv)).toEqual({ exit: 2, out: '', err })
})

test.each([
  ['remove-node', 'remove-a-node'],
  ['uninstall', 'remove-a-node'],
  ['reset', 'remove-a-node'],
  ['upgrade', 'upgrade-k3s'],
  ['backup', 'back-up-and-restore'],
])('%s: no verb yet, and the page about it', async (word, page) => {
  expect(await keel('/', [word, 'maia'])).toEqual({
    exit: 2,
    out: '',
    err: `keel: no such verb: ${word}\n  do:  see \`keel help ${page}\`\n`,
  })
})

test('every expected verb is none of keel’s, and its page is there', () => {
  expect(verbs.filter(({ name }) => EXPECTED_VERBS.has(name))).toEqual([])
  const names = topics().map(({ name }) => name)
  expect([...EXPECTED_VERBS.values()].filter((page) => !names.includes(page))).toEqual([])
})

test.each(['constructor', 'zzzzzz'])('%s: near none', async (word) => {
  const err = `keel: no such verb: ${word}\n  do:  \`keel --help\` lists the verbs\n`
  expect(await keel('/', [word])).toEqual({ exit: 2, out: '', err })
})

test('a program gets the fault as JSON', async () => {
  const { exit, out } = await keel('/', ['depoly', '--json'])
  expect({ exit, faults: JSON.parse(out).faults }).toMatchObject({
    exit: 2,
    faults: [{ code: 'usage', found: 'no such verb: depoly' }],
  })
})

test('a host may have the name of a verb that has verbs', async () => {
  const { err } = await keel('/', ['-C', '/', 'plan', 'lab', 'maia'])
  expect(err).not.toContain('no such verb')
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
