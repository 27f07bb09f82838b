import { expect, test } from 'vitest'
import { Redactor } from '../../../src/deploy/redact.ts'
import { processorMs } from '../../support/processor-time.ts'

/** Far more than a line of this length takes, and far less than reading the rest of it again at each word. */
const MOST_MS = 2000

test.each([
  ['token='],
  ['token=a'],
  ['token=aaaaaaaaaaaaaaaa'],
  ['token=aaaaaaaaaaaaaaaa\\'],
  ['token: https:'],
  ['TOKEN "'],
  ['a://'],
  ['a://b:'],
  ['a://b:c/'],
  ['K10'],
  ['K10::'],
  ['abcdef.'],
])('attack 6: a line of 512 KiB of %j costs no more than its length', (unit) => {
  const most = 512 * 1024
  const line = unit.repeat(Math.floor(most / unit.length))
  const [half, whole] = [line.slice(0, most / 2), line].map((text) => processorMs(() => new Redactor().clean(text)))
  expect(half).toBeLessThan(MOST_MS)
  expect(whole).toBeLessThan(MOST_MS)
})
