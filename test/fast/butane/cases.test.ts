import { describe, expect, test } from 'vitest'
import { describeRaw, transpile } from '../../../src/butane/index.ts'
import { butaneCases, unpacked } from '../../support/butane/cases.ts'

const place = /^(error|warning) at (\S+, )?line \d+ col \d+: /

/** Severity, path, line and column: the words after them need not be butane's. */
function places(raw: string): string[] {
  return raw.split('\n').flatMap((line) => place.exec(line)?.[0] ?? [])
}

describe('what the real butane makes of a config', () => {
  const cases = butaneCases()
  test('the recorded cases are all here', () => expect(cases).toHaveLength(87))

  test.each(cases)('$name', ({ source, options, ignition, raw }) => {
    const result = transpile(source, { ...options, pretty: true })
    expect(places(result.report.map(describeRaw).join(''))).toEqual(places(raw))
    expect(result.json === undefined).toBe(ignition === undefined)
    if (result.json === undefined || ignition === undefined) return
    expect(unpacked(JSON.parse(result.json))).toEqual(unpacked(JSON.parse(ignition)))
    // 64-bit integers, escapes, the order of keys: what JSON.parse would forgive
    if (!ignition.includes('"gzip"')) expect(`${result.json}\n`).toBe(ignition)
  })
})
