import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { firstSlip } from '../../../../src/inventory/typescript/first-slip.ts'
import { importFault } from '../../../../src/inventory/typescript/import-fault.ts'
import { prototypeKeysIn } from '../../../../src/inventory/typescript/prototype-keys.ts'
import { tokens } from '../../../../src/inventory/typescript/tokens.ts'
import { processorMs } from '../../../support/processor-time.ts'

/** Far more than any of this takes, and far less than reading the rest of a line again at each sign of it. */
const MOST_MS = 600

describe('the mistake in 64 KiB on one line is found at once:', () => {
  test.each([
    ["\\'", "\\'".repeat(32768)],
    ['\\"', '\\"'.repeat(32768)],
    ['() behind spaces', `${' '.repeat(32768)}${'()'.repeat(16000)};(`],
    ['( and then )', `${'('.repeat(32000)}${')'.repeat(32000)};(`],
  ])('%s', (_what, text) => {
    expect(processorMs(() => expect(firstSlip(text, 1)).toBeDefined())).toBeLessThan(MOST_MS)
  })
})

test.each(["\\'", '\\"'])('128 KiB of %s are split at once', (pair) => {
  expect(processorMs(() => tokens(pair.repeat(65536)))).toBeLessThan(MOST_MS)
})

test.each([5_500, 22_000])('%i keys `__proto__`, a line each, are found at once', (count) => {
  const text = '__proto__: 1,\n'.repeat(count)
  expect(processorMs(() => expect(prototypeKeysIn('a.ts', text)).toHaveLength(count))).toBeLessThan(MOST_MS)
})

describe('the line of a failed import in a file of 130 KB is looked for at once:', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'keel-long-'))
    const pattern = `/${"\\'".repeat(65000)}/.test("")`
    writeFileSync(join(folder, 'cluster.ts'), `import x from "./no.ts"\nlet a = 0; if (a) {}\n${pattern}\n`)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const missing = (importer: string) =>
    Object.assign(new Error(`Cannot find module '/no.ts' imported from ${importer}`), { code: 'ERR_MODULE_NOT_FOUND' })
  test.each([
    ['a file that is missing', missing, 'inventory-import'],
    ['a fault without a place', () => new SyntaxError("'a' has already been declared"), 'inventory-syntax'],
  ])('%s', (_what, errorIn, code) => {
    const error = errorIn(join(folder, 'cluster.ts'))
    // as V8 leaves it for a fault that it finds before it runs anything
    error.stack = `${error.name}: ${error.message}`
    const read = { file: 'cluster.ts', error, lastRead: '' }
    const fault = { code, at: expect.stringMatching(/^cluster\.ts:/) }
    expect(processorMs(() => expect(importFault(folder, read)).toMatchObject(fault))).toBeLessThan(MOST_MS)
  })
})
