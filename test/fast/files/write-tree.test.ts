import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeTree } from '../../../src/files/write-tree.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keel-tree-'))
})
afterEach(() => rmSync(root, { recursive: true }))
const at = (...path: string[]) => join(root, ...path)

const file = (path: string, content: string, mode = '0644') => ({ path, content, mode })
const wanted = [file('a/etc/one', 'one'), file('b/two', 'two', '0600'), file('c/three', 'three')]

const modeOf = (path: string) => statSync(at(path)).mode & 0o7777

/** Every file and folder, with what is in it. */
function tree(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
  return Object.fromEntries(
    names.map((one) => {
      const path = join(one.parentPath, one.name)
      return [path.slice(folder.length + 1), one.isFile() ? readFileSync(path, 'utf8') : 'folder']
    }),
  )
}

describe('a tree of files', () => {
  test('is written with its folders and modes, and nothing beside it', () => {
    writeTree(at('out'), wanted)
    expect(tree(at('out'))).toEqual({
      a: 'folder',
      'a/etc': 'folder',
      'a/etc/one': 'one',
      b: 'folder',
      'b/two': 'two',
      c: 'folder',
      'c/three': 'three',
    })
    expect(modeOf('out/b/two')).toBe(0o600)
  })

  test('has the modes that were asked for, whatever this process takes from new files', () => {
    const before = process.umask(0o077)
    try {
      writeTree(at('out'), [file('open', '', '0664'), file('program', '', '4755')])
    } finally {
      process.umask(before)
    }
    expect([modeOf('out/open'), modeOf('out/program')]).toEqual([0o664, 0o4755])
  })

  test.each(['0600', '0666', '4644', '0000'])('puts a mode right that is %s', (mode) => {
    writeTree(at('out'), wanted)
    chmodSync(at('out/a/etc/one'), Number.parseInt(mode, 8))
    writeTree(at('out'), wanted)
    expect(modeOf('out/a/etc/one')).toBe(0o644)
    expect(readFileSync(at('out/a/etc/one'), 'utf8')).toBe('one')
  })

  test('touches no file that holds what it should', () => {
    writeTree(at('out'), wanted)
    const before = statSync(at('out/a/etc/one'))
    writeTree(at('out'), [...wanted.slice(0, 2), file('c/three', 'four')])
    expect(statSync(at('out/a/etc/one'))).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs })
    expect(readFileSync(at('out/c/three'), 'utf8')).toBe('four')
  })

  test.each<[name: string, stand: (path: string) => void]>([
    ['a folder where a file belongs', (path) => mkdirSync(path)],
    ['a file where a folder belongs', (path) => writeFileSync(path.replace('/three', ''), '')],
    ['a link to nowhere where a folder belongs', (path) => symlinkSync('nowhere', path.replace('/three', ''))],
  ])('is written as a whole or not at all: %s', (name, stand) => {
    mkdirSync(name.startsWith('a folder') ? at('out/c') : at('out'), { recursive: true })
    stand(at('out/c/three'))
    writeTree(at('out'), [file('a/etc/one', 'before')])
    const before = tree(at('out'))
    expect(() => writeTree(at('out'), wanted)).toThrow(expect.objectContaining({ code: 'not-written', exit: 1 }))
    expect(tree(at('out'))).toEqual(before)
  })

  test('leaves no folder that it had to make', () => {
    writeFileSync(at('in-the-way'), '')
    expect(() => writeTree(at('in-the-way/out'), wanted)).toThrow(expect.objectContaining({ code: 'not-written' }))
    symlinkSync('nowhere', at('link'))
    expect(() => writeTree(at('new'), [...wanted, file('../link/four', 'four')])).toThrow(/link/)
    expect(existsSync(at('new'))).toBe(false)
  })
})

describe('a tree of files, where something else is in the way', () => {
  test.each(['out/a', 'out/a/etc'])(
    'attack 11: %s is a link to another folder: refused, nothing is written there',
    (link) => {
      mkdirSync(at('elsewhere'))
      mkdirSync(dirname(at(link)), { recursive: true })
      symlinkSync(at('elsewhere'), at(link))
      expect(() => writeTree(at('out'), wanted)).toThrow(
        expect.objectContaining({ code: 'not-written', found: expect.stringContaining('a link') }),
      )
      expect(readdirSync(at('elsewhere'))).toEqual([])
    },
  )

  test.each<[name: string, put: (path: string) => void]>([
    ['a pipe', (path) => void execFileSync('mkfifo', [path])],
    ['a link to /dev/zero', (path) => symlinkSync('/dev/zero', path)],
    ['a link to a file', (path) => symlinkSync(at('elsewhere'), path)],
  ])('attack 11: %s in place of a file is replaced, not opened', (_name, put) => {
    writeFileSync(at('elsewhere'), 'one')
    mkdirSync(at('out/a/etc'), { recursive: true })
    put(at('out/a/etc/one'))
    writeTree(at('out'), wanted)
    expect(lstatSync(at('out/a/etc/one')).isFile()).toBe(true)
    expect(readFileSync(at('elsewhere'), 'utf8')).toBe('one')
  })

  test('the folder itself may be reached through a link', () => {
    mkdirSync(at('real'))
    symlinkSync('real', at('out'))
    writeTree(at('out'), wanted)
    expect(readFileSync(at('real/c/three'), 'utf8')).toBe('three')
  })
})
