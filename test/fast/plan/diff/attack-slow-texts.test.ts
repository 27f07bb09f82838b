import { expect, test } from 'vitest'
import { holdsSecrets, maskHeld, maskWanted } from '../../../../src/plan/diff/mask.ts'
import { processorMs } from '../../../support/processor-time.ts'

const most = 64 * 1024
const filled = (before: string, unit: string) => before + unit.repeat(Math.floor((most - before.length) / unit.length))
/** A text of lines that are each shorter than those that keel hides as a whole. */
const folded = (before: string, unit: string) => {
  const line = `${before}${unit.repeat(Math.floor((900 - before.length) / unit.length))}\n`
  return line.repeat(Math.floor(most / line.length))
}

const units: readonly (readonly [before: string, unit: string])[] = [
  ['', '\n'],
  ['', 'a'],
  ['', 'a='],
  ['', '/a/'],
  ['', 'aA'],
  ['pass', 'a'],
  ['', '-'],
  ['', ' a'],
  ['key', ' '],
  ['', '- \n'],
  ['', 'kind:\n'],
  ['', 'token='],
  ['', 'a://'],
  ['', 'a@'],
  ['', '$a$'],
  ['', '<key>'],
  ['', '<key></key>'],
  ['', '<key a'],
  ['', '"'],
  ['', "pass '\n"],
  ['', '-u '],
  ['', '-----BEGIN '],
  ['', '1.'],
  ['', '0'],
]

test.each(units)(
  'attack 6: 64 KiB of %j and %j as a file of a host or of the inventory take no time',
  (before, unit) => {
    for (const text of [filled(before, unit), folded(before, unit), `${filled(before, unit)}x`]) {
      const took = processorMs(() => {
        holdsSecrets('/etc/x.yaml', text, text)
        maskHeld(text, maskWanted(text))
      })
      expect(took).toBeLessThan(1000)
    }
  },
)
