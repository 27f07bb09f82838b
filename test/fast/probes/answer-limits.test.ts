import { describe, expect, test } from 'vitest'
import { KeelError } from '../../../src/errors.ts'
import { checkedAnswer } from '../../../src/probes/checked-answer.ts'

const nested = (depth: number): unknown => (depth === 0 ? 'a' : [nested(depth - 1)])
const digest = 'a'.repeat(64)

describe('attack 6: an answer is taken', () => {
  test.each<[string, string, unknown]>([
    ['with a text of 4096 characters', '', { any: 'a'.repeat(4096) }],
    ['with a longer text where a file of keel’s is', '', { nixos: { record: { module: 'a\n'.repeat(4096) } } }],
    ['with 64 levels', '', nested(65)],
    ['with 100,000 entries', '', Array.from({ length: 100_000 }, () => 0)],
    ['with a time that a date can have', '', { at: -8.64e12 }],
    ['with nothing', '', { a: null, b: undefined, c: true }],
    ['with paths', '', { paths: { '/a b': { mode: '0644', owner: 'root', group: 'root', sha256: digest } } }],
    ['of a part by itself', 'paths', { '/a': { sha256: '' } }],
    ['with any keys where they are not the host’s', '', { system: { 'a b': 1 } }],
  ])('%s', (_what, place, answer) => {
    expect(checkedAnswer('maia', place, () => answer)).toBe(answer)
  })
})

describe('attack 6: an answer is refused', () => {
  test.each<[string, string, unknown, string]>([
    ['with a longer text', '', { any: 'a'.repeat(4097) }, 'a text of 4097 characters (any)'],
    ['with 65 levels', '', nested(66), 'nested too deeply'],
    ['with more entries', '', Array.from({ length: 100_001 }, () => 0), 'more than 100000 entries'],
    [
      'with more entries in several lists',
      '',
      [1, 2, 3].map(() => Array.from({ length: 40_000 }, () => 0)),
      'more than 100000',
    ],
    ['with a time beyond all dates', '', { at: 8.65e12 }, 'a number out of range (at)'],
    ['with no number', '', { at: [Number.NaN] }, 'a number out of range (at.*)'],
    ['with a line break', '', { any: 'a\nb' }, 'a control character (any)'],
    ['with a control character in a key', '', { objects: [{ labels: { 'a\u001b': 'b' } }] }, 'a control character'],
    ['with a path that is none', '', { paths: { a: {} } }, '"a" ({paths})'],
    ['with another mode', '', { paths: { '/a': { mode: 'rwx' } } }, '"rwx" (paths.*.mode)'],
    ['of a part, with another digest', 'paths', { '/a': { sha256: digest.slice(1) } }, '(paths.*.sha256)'],
    [
      'with a long text, of which it shows the start',
      '',
      { system: { id: '!'.repeat(100) } },
      `"${'!'.repeat(80)}" (system.id)`,
    ],
  ])('%s', (_what, place, answer, found) => {
    expect(() => checkedAnswer('maia', place, () => answer)).toThrow(
      expect.objectContaining({ code: 'facts-garbled', at: 'maia', found: expect.stringContaining(found) }),
    )
  })

  test.each<[string, unknown, string]>([
    ['that can’t be read', new RangeError('planted'), "its answer can't be read (RangeError)"],
    ['that is thrown as something else', 'planted', "its answer can't be read (string)"],
  ])('%s, and not repeated', (_what, thrown, found) => {
    const read = () => {
      throw thrown
    }
    expect(() => checkedAnswer('maia', '', read)).toThrow(expect.objectContaining({ code: 'facts-garbled', found }))
  })

  test('with the reader’s own words', () => {
    const own = new KeelError({ code: 'own', found: 'x' })
    const read = () => {
      throw own
    }
    expect(() => checkedAnswer('maia', '', read)).toThrow(own)
  })
})
