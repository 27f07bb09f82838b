import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LogFile } from '../../../../src/ui/run/log-file.ts'
import { valid } from '../../../support/keel/valid-output.ts'

let folder: string
const at = (name: string) => join(folder, name)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keel-log-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const never = () => expect.unreachable()
const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))

describe('a log', () => {
  it('is for its user alone, and is appended to', () => {
    const umask = process.umask(0)
    try {
      new LogFile(at('log'), never).add({ event: 'begin', keel: '1', node: '2', argv: ['plan'] })
    } finally {
      process.umask(umask)
    }
    new LogFile(at('log'), never).add({ event: 'progress', host: 'maia', text: 'a\nb\u001b[2J' })
    expect(statSync(at('log')).mode & 0o777).toBe(0o600)
    const lines = linesOf(at('log'))
    expect(lines).toMatchObject([
      { pid: process.pid, event: 'begin', argv: ['plan'] },
      { pid: process.pid, event: 'progress', text: 'a\nb\u001b[2J' },
    ])
    for (const line of lines) valid('log', line)
    expect(readFileSync(at('log'), 'utf8')).not.toContain('\u001b')
  })

  it('that can’t be written to any more is told of once, and ends nothing', () => {
    const told: unknown[] = []
    const full = new LogFile(at('log'), (error) => told.push(error))
    // what JSON can't say, as a disk that is full
    const circular: { event: 'progress'; host: string; text: string; self?: unknown } = {
      event: 'progress',
      host: 'a',
      text: '',
    }
    circular.self = circular
    full.add(circular)
    full.add(circular)
    expect(told).toHaveLength(1)
  })

  it.each([
    ['a link', (path: string) => symlinkSync(at('target'), path), /symbolic link/],
    ['a link that leads nowhere', (path: string) => symlinkSync(at('nothing'), path), /symbolic link/],
    ['a pipe that nobody reads', (path: string) => execFileSync('mkfifo', [path]), /not a regular file/],
    ['a folder', (path: string) => mkdirSync(path), /cannot open it \(EISDIR\)/],
    [
      'a file that others can read',
      (path: string) => {
        writeFileSync(path, 'old\n')
        chmodSync(path, 0o644)
      },
      /mode 644/,
    ],
    ['another name of a file', (path: string) => linkSync(at('target'), path), /hard link/],
  ])('attack 8: %s is refused, and nothing is written', (_case, make, found) => {
    writeFileSync(at('target'), 'theirs\n', { mode: 0o600 })
    make(at('log'))
    expect(() => new LogFile(at('log'), never)).toThrow(
      expect.objectContaining({ code: 'log-file', at: at('log'), found: expect.stringMatching(found), exit: 2 }),
    )
    expect(readFileSync(at('target'), 'utf8')).toBe('theirs\n')
  })
})
