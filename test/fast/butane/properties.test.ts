import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isUsualMode } from '../../../src/butane/checks/storage/modes.ts'
import { escapeUnitPath } from '../../../src/butane/go/unit-name.ts'
import { transpile } from '../../../src/butane/index.ts'
import { bytesOfText, textOfBytes } from '../../../src/butane/text.ts'
import { embed } from '../../../src/butane/translate/data-url.ts'
import { arbitraryConfig, yamlOf } from '../../support/butane/arbitrary-config.ts'
import { butaneCases } from '../../support/butane/cases.ts'
import { mutated } from '../../support/butane/mutated.ts'

const anyConfig = fc.constantFrom('1.0.0', '1.1.0').chain(arbitraryConfig).map(yamlOf)

describe('any config is answered', () => {
  test('structured ones: accepted with JSON, or refused with a reason', () => {
    fc.assert(
      fc.property(anyConfig, (config) => {
        const { json, refused, report } = transpile(config)
        expect(json === undefined).toBe(refused !== undefined)
        if (json !== undefined) JSON.parse(json)
        const lines = config.split(/[\n\u2028]/)
        for (const { line, column } of report) expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1)
      }),
      { numRuns: 600 },
    )
  })
  test('recorded ones with bytes and lines put in, taken out and moved', () => {
    const seeds = butaneCases().map(({ source }) => source)
    fc.assert(
      fc.property(mutated(seeds), (config) => {
        const { json, refused } = transpile(config)
        expect(json === undefined).toBe(refused !== undefined)
      }),
      { numRuns: 1500 },
    )
  })
})

describe('rules that can be said in another way', () => {
  test('a unit name is the path escaped byte by byte, and differs where paths do', () => {
    const segment = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((text) => !text.includes('/') && text.isWellFormed())
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1 }), fc.nat(3), (parts, slashes) => {
        const escaped = escapeUnitPath(`${'/'.repeat(slashes)}${parts.join('/'.repeat(slashes + 1))}/`)
        expect(escaped).toMatch(/^(?!\.)([:_.A-Za-z0-9-]|\\x[0-9a-f]{1,2})+$/)
        expect(escaped.split('-')).toHaveLength(parts.length)
      }),
    )
  })
  test('contents come out of their data URL as they went in, and no other form is shorter', () => {
    const contents = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ maxLength: 300 }).map((text) => new TextEncoder().encode(text)),
      fc
        .tuple(fc.string({ maxLength: 5 }), fc.nat(200))
        .map(([text, times]) => new TextEncoder().encode(text.repeat(times))),
    )
    fc.assert(
      fc.property(contents, fc.constantFrom(undefined, '', 'gzip'), (bytes, given) => {
        const { source, compression } = embed(bytes, given)
        const data = source.replace(/^data:(;base64)?,/, '')
        const body = source.startsWith('data:;base64,')
          ? Buffer.from(data, 'base64')
          : Buffer.from(unescapeLatin1(data), 'latin1')
        expect(Buffer.from(compression === 'gzip' ? gunzipSync(body) : body)).toEqual(Buffer.from(bytes))
        expect(compression).toBe(given === 'gzip' ? undefined : compression === 'gzip' ? 'gzip' : '')
        expect(source.length).toBeLessThanOrEqual('data:;base64,'.length + 4 * Math.ceil(bytes.length / 3))
        if (bytes.length === 0) expect(source).toBe('data:,')
      }),
    )
  })
  test.each(['file', 'directory'] as const)('usual modes of a %s, by the rule in words', (node) => {
    const modes = Array.from({ length: 0o10000 }, (_, mode) => mode)
    expect(modes.filter((mode) => isUsualMode(mode, node) !== usual(mode, node))).toEqual([])
    expect(modes.filter((mode) => isUsualMode(mode, node)).length).toBeGreaterThan(20)
  })
  test('an entry that repeats is told at the later place, and only then', () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 8 })
    fc.assert(
      fc.property(names, names, (first, second) => {
        const lists = { should_exist: first, should_not_exist: second }
        const { report } = transpile(yamlOf({ variant: 'flatcar', version: '1.1.0', kernel_arguments: lists }))
        const all = [
          ...first.map((name, at) => [name, `should_exist.${at}`]),
          ...second.map((name, at) => [name, `should_not_exist.${at}`]),
        ]
        const repeated = all.filter(([name], at) => all.findIndex(([other]) => other === name) < at)
        expect(report.map(({ path }) => path)).toEqual(repeated.map(([, path]) => `$.kernel_arguments.${path}`))
      }),
    )
  })
  test('bytes survive as text, and every byte that is no UTF-8 is printed as one \\ufffd', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(Buffer.from(bytesOfText(textOfBytes(bytes)))).toEqual(Buffer.from(bytes))
      }),
    )
    const path = Buffer.from([0x2f, 0xe2, 0x82, 0x41, 0xff]).toString('base64')
    const { json } = transpile(`variant: flatcar\nversion: 1.1.0\nstorage: {directories: [{path: !!binary ${path}}]}`)
    expect(json).toContain('"path":"/\\ufffd\\ufffdA\\ufffd"')
  })
})

function unescapeLatin1(text: string): string {
  return text.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** Written from the rule in words, bit by bit, and not from the code. */
function usual(mode: number, node: 'file' | 'directory'): boolean {
  if (mode === 0) return true
  const may = (who: number, what: string) => ((mode >> (who * 3)) & { r: 4, w: 2, x: 1 }[what as 'r']) !== 0
  const [others, group, user] = [0, 1, 2] as const
  const someone = (what: string) => [others, group, user].some((who) => may(who, what))
  const granted = ['r', 'w', 'x'].every(
    (bit) => (!may(others, bit) || may(group, bit)) && (!may(group, bit) || may(user, bit)),
  )
  const readable = [others, group, user].every((who) => may(who, 'r') || !(may(who, 'w') || may(who, 'x')))
  const sealed = [group, user].every((who) => {
    const lesser = [others, group].filter((other) => other < who)
    return !may(who, 'x') || !lesser.some((other) => may(other, 'r')) || lesser.some((other) => may(other, 'x'))
  })
  if (!someone('r') || !granted || !readable || !sealed) return false
  const [setuid, setgid, sticky] = [0o4000, 0o2000, 0o1000].map((bit) => (mode & bit) !== 0)
  if (node === 'file') return !sticky && (!(setuid || setgid) || (someone('x') && !may(others, 'w')))
  return someone('x') && !setuid && (!(setgid || sticky) || someone('w'))
}
