import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { certificateEnds } from '../../../../src/probes/status/certificate-ends.ts'
import { makeServerCa } from '../../../../src/secrets/pki/server-ca.ts'
import { processorMs } from '../../../support/processor-time.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keel-certificates-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const pem = (year: number) => makeServerCa(Date.UTC(year, 5, 1, 12)).certificate
const ends = (year: number) => `${year + 10}-05-29T12:00:00.000Z`
/** What a host prints for these files. */
const printed = (...folders: readonly string[]) =>
  execFileSync('bash', ['-euc', certificateEnds.script(folders)], { encoding: 'utf8' })

test('the first certificate of each .crt file, and nothing of others', () => {
  const [one, other] = ['tls', 'agent'].map((name) => join(directory, name)) as [string, string]
  for (const folder of [one, other, join(one, 'folder.crt')]) mkdirSync(folder)
  const files = {
    'tls/server.crt': pem(2026) + pem(2020),
    'tls/server.key': 'secret',
    'tls/empty.crt': '',
    'agent/kubelet.crt': pem(2027),
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text)
  expect(certificateEnds.parse(printed(one, other, join(directory, 'nowhere')))).toEqual([
    { file: join(one, 'server.crt'), ends: ends(2026) },
    { file: join(other, 'kubelet.crt'), ends: ends(2027) },
  ])
  expect(printed(one)).not.toContain('secret')
})

test('one file, and none', () => {
  writeFileSync(join(directory, 'a.crt'), pem(2026))
  expect(certificateEnds.parse(printed(directory))).toEqual([{ file: join(directory, 'a.crt'), ends: ends(2026) }])
  expect(printed(join(directory, 'nowhere'))).toBe('')
})

describe('attack 6: what a host may print instead', () => {
  const at = (text: string) => certificateEnds.parse(`==> /a.crt <==\n${text}\n`)

  test.each([
    ['no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
    ['no end', '-----BEGIN CERTIFICATE-----\nAAAA'],
    ['a key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
    ['a certificate behind too much else', `${' '.repeat(9000)}${makeServerCa(0).certificate}`],
    ['nothing', ''],
  ])('%s is left out', (_what, text) => {
    expect(at(text)).toEqual([])
  })

  test('a name with a control character is no name', () => {
    expect(certificateEnds.parse(`==> /a\u001b.crt <==\n${pem(2026)}`)).toEqual([])
  })

  test('more files than any host has, and endless ones, take no time', () => {
    const many = `==> /a.crt <==\n${pem(2026)}\n`.repeat(3000)
    const begins = `==> /a.crt <==\n${'-----BEGIN CERTIFICATE-----\n'.repeat(40_000)}\n`
    expect(processorMs(() => certificateEnds.parse(many))).toBeLessThan(1000)
    expect(certificateEnds.parse(many)).toHaveLength(64)
    expect(processorMs(() => certificateEnds.parse(begins))).toBeLessThan(1000)
  })
})
