import {
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
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { HostFolders } from '../../../src/vkubelet/host/host-folders.ts'
import { digestsOf, writeVolume } from '../../../src/vkubelet/host/volume-folders.ts'
import type { VolumeContent } from '../../../src/vkubelet/pod/resolve-volume.ts'

/** Volumes on a real file system: what a program sees, and what an earlier try that was cut off leaves. */
const made = mkdtempSync(join(tmpdir(), 'keel-vks-volumes-'))
afterAll(() => rmSync(made, { recursive: true }))

const folders: HostFolders = {
  units: join(made, 'units'),
  pods: join(made, 'pods'),
  disk: join(made, 'disk'),
  directories: { state: made, cache: made, logs: made, runtime: made },
}
const ref = { uid: 'uid-1', name: 'v' }
const volume = join(folders.pods, 'uid-1/volumes/v')
const root = { user: 0, group: 0, isShared: false }
const filesOf = (texts: Readonly<Record<string, string>>, owner = root, mode = 0o640): VolumeContent => ({
  kind: 'files',
  owner,
  files: new Map(Object.entries(texts).map(([path, text]) => [path, { bytes: Buffer.from(text), mode }])),
})
const digest = (letter: string) => letter.repeat(32)
const write = (content: VolumeContent, letter = 'a') => writeVolume(folders, ref, content, digest(letter))
const modeOf = (path: string) => {
  const { mode, uid, gid } = statSync(path)
  return `${(mode & 0o7777).toString(8)} ${uid}:${gid}`
}

beforeEach(() => rmSync(folders.pods, { recursive: true, force: true }))

describe('a volume of files', () => {
  test('has links through one link, so a rename changes all of them at once', async () => {
    await write(filesOf({ a: '1', 'deep/er/b': '2' }))
    const [first = expect.unreachable()] = readdirSync(volume).filter((name) => /^\.\.\d/.test(name))
    expect(readdirSync(volume).toSorted()).toEqual(['..data', first, 'a', 'deep'].toSorted())
    expect(readFileSync(join(volume, 'deep/er/b'), 'utf8')).toBe('2')
    expect(modeOf(join(volume, 'a'))).toBe('640 0:0')
    await write(filesOf({ a: '3', c: '4' }), 'b')
    expect(readFileSync(join(volume, 'a'), 'utf8')).toBe('3')
    const names = readdirSync(volume)
    expect(names).not.toContain(first)
    expect(names).toHaveLength(4)
    expect(await digestsOf(folders, 'uid-1')).toEqual([['v', digest('b')]])
  })

  test('is for its owner and its group', async () => {
    await write(filesOf({ 'x/a': '1' }, { user: 1234, group: 2000, isShared: true }, 0o600))
    expect(modeOf(join(volume, 'x/a'))).toBe('640 1234:2000')
    expect(modeOf(join(volume, '..data/x'))).toBe('2755 1234:2000')
  })

  test('after a try that was cut off has what it should, and nothing else', async () => {
    await write(filesOf({ a: '1', gone: '2' }))
    // what each step of another try leaves
    mkdirSync(join(volume, '..half'))
    writeFileSync(join(volume, '..half/a'), 'half')
    symlinkSync('..half', join(volume, '..data_tmp'))
    rmSync(join(volume, 'a'))
    rmSync(join(folders.pods, 'uid-1/volumes', `v.${digest('a')}`))
    expect(await digestsOf(folders, 'uid-1')).toEqual([])
    await write(filesOf({ a: '3' }), 'c')
    expect(readFileSync(join(volume, 'a'), 'utf8')).toBe('3')
    expect(readdirSync(volume).filter((name) => !/^\.\.(data$|\d)/.test(name))).toEqual(['a'])
  })

  test('can be empty', async () => {
    await write(filesOf({}))
    expect(readdirSync(join(volume, '..data'))).toEqual([])
  })
})

describe('an empty volume', () => {
  const empty = (more: object = {}): VolumeContent => ({
    kind: 'empty',
    medium: 'disk',
    folders: [],
    owner: root,
    ...more,
  })
  const onDisk = join(folders.disk, 'uid-1/volumes/v')
  beforeEach(() => rmSync(folders.disk, { recursive: true, force: true }))

  test('is on the disk, for every user of the Pod, and keeps what was written', async () => {
    await write(empty({ folders: ['a/b'] }))
    expect([onDisk, join(onDisk, 'a'), join(onDisk, 'a/b')].map(modeOf)).toEqual(['777 0:0', '777 0:0', '777 0:0'])
    expect(modeOf(join(folders.disk, 'uid-1'))).toBe('700 0:0')
    writeFileSync(join(onDisk, 'file'), 'kept')
    await write(empty({ folders: ['a/b'] }), 'b')
    expect(readFileSync(join(onDisk, 'file'), 'utf8')).toBe('kept')
  })

  test('with a group is for that alone', async () => {
    await write(empty({ owner: { user: 7, group: 9, isShared: true } }))
    expect(modeOf(onDisk)).toBe('2770 7:9')
  })

  test('follows no link in it', async () => {
    mkdirSync(onDisk, { recursive: true })
    symlinkSync('/etc', join(onDisk, 'a'))
    await expect(write(empty({ folders: ['a/keel-test'] }))).rejects.toThrow('is no folder')
    expect(lstatSync(join(onDisk, 'a')).isSymbolicLink()).toBe(true)
    expect(existsSync('/etc/keel-test')).toBe(false)
  })
})
