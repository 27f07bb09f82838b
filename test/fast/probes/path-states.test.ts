import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sha256 } from '../../../src/model/digest.ts'
import { largeFiles, pathStates } from '../../../src/probes/host/path-states.ts'
import contentsFunctions from '../../../src/templates/host/contents.sh'
import noteContent from '../../../src/templates/host/note-content.sh'
import placedFunction from '../../../src/templates/host/placed.sh'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keel-paths-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const bash = (script: string) => {
  const file = join(directory, 'script')
  writeFileSync(file, `export LC_ALL=C\nset -u\n${script}`)
  return execFileSync('bash', [file], { encoding: 'utf8', maxBuffer: 64 << 20 })
}
const asking = (paths: readonly string[]) =>
  `seen=$(${pathStates.script(paths)}\n)\nprintf '%s\\n' "$seen"\n${largeFiles.script(join(directory, 'contents'))}`
const seen = (...paths: string[]) => pathStates.parse(bash(asking(paths)))

test('what is at each path, whatever its name is', () => {
  const [plain, odd, empty] = ['plain', "it's a\\x2d$(name) ", 'empty'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ]
  for (const [path, text] of Object.entries({ [plain]: 'a', [odd]: 'b', [empty]: '' }))
    writeFileSync(path, text, { mode: 0o640 })
  const [link, folder, pipe, missing] = ['link', 'folder', 'pipe', 'missing'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
    string,
  ]
  symlinkSync('to\u001bnowhere', link)
  mkdirSync(folder)
  chmodSync(folder, 0o1750)
  execFileSync('mkfifo', [pipe])
  const file = { kind: 'file', mode: '0640', owner: 'root', group: 'root' }
  expect(seen(plain, odd, empty, link, folder, pipe, missing)).toEqual({
    [plain]: { ...file, sha256: sha256('a') },
    [odd]: { ...file, sha256: sha256('b') },
    [empty]: { ...file, sha256: sha256('') },
    [link]: { kind: 'link', target: 'to?nowhere' },
    [folder]: { kind: 'directory', mode: '1750' },
    [pipe]: { kind: 'other' },
    [missing]: { kind: 'none' },
  })
})

test('nothing, where nothing is asked', () => {
  expect(seen()).toEqual({})
})

test('as many paths as an inventory can name: more than one program can be given', () => {
  for (const name of ['a', 'b']) writeFileSync(join(directory, name), 'a')
  // a quarter of the usual stack, so a program takes 512 KB and not 2 MB: a quarter of the longest paths is enough
  const paths = Array.from(
    { length: 700 },
    (_, index) => `${directory}${'/'.repeat(650 + (index >> 1))}${'ab'[index % 2]}`,
  )
  const states = Object.values(pathStates.parse(bash(`ulimit -S -s 2048\n${asking(paths)}`)))
  expect(states).toHaveLength(paths.length)
  for (const state of states) expect(state).toMatchObject({ kind: 'file', sha256: sha256('a') })
})

test('a large file is read once a plan: that it was written since shows without, whatever its times are set to', () => {
  const path = join(directory, 'k3s')
  writeFileSync(path, 'x')
  truncateSync(path, 5 << 20)
  const times = () => utimesSync(path, 1e9, 1e9)
  times()
  const before = bash(pathStates.script([path]))
  expect(before).not.toContain('sha256')
  expect(seen(path)[path]).toEqual({
    ...{ kind: 'file', mode: '0644', owner: 'root', group: 'root' },
    sha256: sha256(Buffer.concat([Buffer.from('x'), Buffer.alloc((5 << 20) - 1)])),
  })
  expect(bash(pathStates.script([path]))).toBe(before)
  writeFileSync(path, 'y', { flag: 'r+' })
  times()
  expect(bash(pathStates.script([path]))).not.toBe(before)
})

test('what a deploy has read is not read again, until it is written, whatever its times are set to', () => {
  const [path, noted] = [join(directory, 'k3s'), join(directory, 'contents')]
  writeFileSync(path, 'x')
  truncateSync(path, 5 << 20)
  const times = () => utimesSync(path, 1e9, 1e9)
  times()
  const large = (first: string) => sha256(Buffer.concat([Buffer.from(first), Buffer.alloc((5 << 20) - 1)]))
  const note = () =>
    bash(`${contentsFunctions}${placedFunction}${noteContent}\nknow_contents ${noted}\nnote_content ${path}`)
  const digest = () => Object.values(seen(path)).map((state) => (state.kind === 'file' ? state.sha256 : state.kind))
  const placed = () =>
    bash(`${contentsFunctions}${placedFunction}know_contents ${noted}\nplaced ${path}`).split('\t')[3]
  const line = note()
  expect(line).toBe(`${large('x')}\t${line.slice(65)}`)
  // nobody reads it: another digest is believed, also by the next deploy
  const other = line.replace(/^./, (first) => (first === 'a' ? 'b' : 'a'))
  writeFileSync(noted, `${line.replace('x', '')}\t\n${'0'.repeat(64)}\t\nnonsense\n\n${other}`)
  for (const found of [digest()[0], placed(), note().slice(0, 64)]) expect(found).toBe(other.slice(0, 64))
  writeFileSync(path, 'y', { flag: 'r+' })
  times()
  for (const found of [digest()[0], placed(), note().slice(0, 64)]) expect(found).toBe(large('y'))
})

test('in no time: of a large file the content is what it is said to be, and only of a large one', () => {
  const [small, large, unknown] = ['small', "it's large", 'unknown'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(small, 'a', { mode: 0o640 })
  for (const path of [large, unknown]) {
    writeFileSync(path, '', { mode: 0o640 })
    truncateSync(path, 2 << 20)
  }
  const quick = largeFiles.quickScript({ [large]: sha256('wanted'), [small]: sha256('not this') })
  const found = pathStates.parse(
    bash(`seen=$(${pathStates.script([small, large, unknown])}\n)\nprintf '%s\\n' "$seen"\n${quick}`),
  )
  const file = { kind: 'file', mode: '0640', owner: 'root', group: 'root' }
  expect(found).toEqual({
    [small]: { ...file, sha256: sha256('a') },
    [large]: { ...file, sha256: sha256('wanted') },
    [unknown]: { ...file, sha256: '' },
  })
})
