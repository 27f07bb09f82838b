import { describe, expect, test } from 'vitest'
import { verbs } from '../../../src/commands/index.ts'
import { completedVerbs } from '../../../src/commands/shared/print-candidates.ts'
import { complete } from '../../../src/completion/complete.ts'

const completed = completedVerbs(verbs)
const values: Readonly<Record<string, readonly string[]>> = {
  when: ['auto', 'never'],
  host: ['maia', 'ocean'],
  name: ['wifi'],
  role: ['agent', 'server'],
  tag: ['gpu', 'rack1'],
}
const offered = async (...words: readonly string[]) =>
  (await complete(words, completed, async (_verb, placeholder) => values[placeholder])).map(({ word }) => word)

describe('what can be written next', () => {
  test.each([
    [['de'], ['deploy']],
    [['nonsense', ''], []],
    [['-C', 'mercury', 'de'], ['deploy']],
    [['--directory', 'mercury', 'deploy', 'o'], ['ocean']],
    [['--color', 'never', '-C', 'mercury', 'de'], ['deploy']],
    [['plan', '--col'], ['--color']],
    [['plan', '--color', 'n'], ['never']],
    [['ssh', 'maia', '--col'], []],
    [['-C', ''], []],
    [
      ['deploy', ''],
      ['maia', 'ocean'],
    ],
    [['deploy', 'o'], ['ocean']],
    [['deploy', 'maia', ''], ['ocean']],
    [['deploy', 'maia', 'ocean', ''], []],
    [
      ['deploy', '--parallel', '3', ''],
      ['maia', 'ocean'],
    ],
    [['deploy', '--patience', ''], []],
    [
      ['deploy', '--json', ''],
      ['maia', 'ocean'],
    ],
    [['deploy', '--patie'], ['--patience']],
    [['plan', '--exit'], ['--exit-code']],
    [
      ['secret', 's'],
      ['show', 'set'],
    ],
    [['secret', 'show', ''], ['wifi']],
    [['secret', 'show', 'wifi', ''], []],
    [['secret', 'import', 'wifi', '--from-host', 'm'], ['maia']],
    [['secret', 'nonsense', ''], []],
    [['add-node', 'nova', '--role', 's'], ['server']],
    ...['plan', 'deploy', 'status', 'exec', 'render'].flatMap((verb): [string[], string[]][] => [
      [
        [verb, '--role', ''],
        ['agent', 'server'],
      ],
      [[verb, '--tag', 'r'], ['rack1']],
      [
        [verb, 'maia', '--except', ''],
        ['maia', 'ocean'],
      ],
      [[verb, '--tag', 'gpu', '--except', 'maia', 'o'], ['ocean']],
    ]),
    [['ssh', 'maia', '--', 'l'], []],
    [['exec', 'm'], ['maia']],
    [['exec', 'maia', '--', 'm'], []],
    [['butane', ''], []],
    [['vip', ''], ['status']],
  ])('%j: %j', async (words, expected) => {
    expect(await offered(...words)).toEqual(expected)
  })

  test('nothing yet: every verb, with what it does', async () => {
    const all = await complete([''], completed, async () => undefined)
    expect(all).toEqual(verbs.map(({ name, summary }) => ({ word: name, about: summary })))
  })

  test('an option of two forms is offered in both', async () => {
    expect(await offered('logs', 'maia', '-')).toEqual(expect.arrayContaining(['-f', '--follow', '-u', '--unit']))
  })
})
