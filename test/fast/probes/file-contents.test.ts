import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { fileContents } from '../../../src/probes/host/file-contents.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'keel-contents-')))
afterAll(() => rmSync(root, { recursive: true }))
const at = (name: string) => join(root, name)

/** What the script says of these paths, run by this machine's bash. */
const ask = (...paths: readonly string[]) =>
  fileContents.parse(execFileSync('bash', ['-c', fileContents.script(paths)], { encoding: 'utf8', timeout: 20_000 }))

describe('the content of files', () => {
  test('as it is, of any name', () => {
    writeFileSync(at("a 'b"), 'x: é\n')
    writeFileSync(at('empty'), '')
    writeFileSync(at('open'), 'no newline')
    expect(ask(at("a 'b"), at('empty'), at('open'))).toEqual({
      [at("a 'b")]: { kind: 'text', text: 'x: é\n' },
      [at('empty')]: { kind: 'text', text: '' },
      [at('open')]: { kind: 'text', text: 'no newline' },
    })
  })

  test('not of what is binary or large', () => {
    writeFileSync(at('nul'), 'a\0b')
    writeFileSync(at('latin'), Buffer.from([0xe9, 0x0a]))
    writeFileSync(at('most'), 'a'.repeat(65_536))
    writeFileSync(at('more'), 'a'.repeat(65_537))
    expect(ask(at('nul'), at('latin'), at('most'), at('more'))).toEqual({
      [at('nul')]: { kind: 'binary' },
      [at('latin')]: { kind: 'binary' },
      [at('most')]: { kind: 'text', text: 'a'.repeat(65_536) },
      [at('more')]: { kind: 'large' },
    })
  })

  test('attack 4: not of what is behind a link, and no pipe makes keel wait', () => {
    mkdirSync(at('real'))
    writeFileSync(at('real/file'), 'sesame')
    symlinkSync(at('real'), at('linked'))
    symlinkSync(at('real/file'), at('link'))
    spawnSync('mkfifo', [at('pipe')])
    expect(ask(at('linked/file'), at('link'), at('pipe'), at('real'), at('none'))).toEqual({})
    expect(ask(at('real/file'))).toEqual({ [at('real/file')]: { kind: 'text', text: 'sesame' } })
  })

  test('a host that sends more than it was asked for, or something else', () => {
    expect(
      fileContents.parse(`/a\ttext\t${Buffer.alloc(65_537, 'a').toString('base64')}\n/b\twhat\n/c\n/d\ttext\t!\n`),
    ).toEqual({
      '/a': { kind: 'large' },
      '/b': { kind: 'unread' },
      '/c': { kind: 'unread' },
      '/d': { kind: 'text', text: '' },
    })
  })
})
