import { describe, expect, test } from 'vitest'
import { type FilesDirectory, transpile } from '../../../src/butane/index.ts'

type Entry = string | { readonly link: string } | { readonly names: readonly string[] } | 'pipe'

/** A files directory that is nowhere on disk. */
function inMemory(entries: Readonly<Record<string, Entry>>): FilesDirectory {
  const at = (path: string) => {
    const entry = entries[path]
    if (entry === undefined) throw new Error(`open ${path}: no such file or directory`)
    return entry
  }
  const kindOf = (entry: Entry) =>
    entry === 'pipe' ? 'other' : typeof entry === 'string' ? 'file' : 'link' in entry ? 'link' : 'directory'
  return {
    root: '/nowhere',
    readFile: (path) => new TextEncoder().encode(String(at(path))),
    stat: (path) => kindOf(at(path)),
    lstat: (path) => ({ kind: kindOf(at(path)), executable: path.endsWith('.sh') }),
    list: (path) => {
      const entry = at(path)
      return typeof entry === 'object' && 'names' in entry ? entry.names : []
    },
    readLink: (path) => {
      const entry = at(path)
      return typeof entry === 'object' && 'link' in entry ? entry.link : ''
    },
  }
}

const flatcar = (rest: string) => `variant: flatcar\nversion: 1.1.0\n${rest}`

describe('trees from anywhere', () => {
  const files = inMemory({
    t: { names: ['b.d', 'a.d.conf', 'a.d', 'a-b', 'a'] },
    't/a': 'a',
    't/a-b': { link: '../x' },
    't/a.d': { names: ['run.sh'] },
    't/a.d/run.sh': 'run',
    't/a.d.conf': 'c',
    't/b.d': { names: [] },
    pipes: { names: ['one', 'two'] },
    'pipes/one': 'pipe',
    'pipes/two': 'pipe',
  })
  test('each directory by the bytes of its names, links as they are, modes by the x bit', () => {
    const { ignition } = transpile(flatcar('storage: {trees: [{local: t, path: /o}]}'), { files })
    expect(ignition?.storage.files.map(({ path, mode }) => [path, mode])).toEqual([
      ['/o/a', 0o644n],
      ['/o/a.d/run.sh', 0o755n],
      ['/o/a.d.conf', 0o644n],
    ])
    expect(ignition?.storage.links.map(({ path, target }) => [path, target])).toEqual([['/o/a-b', '../x']])
  })
  test('the walk goes on after an error: one entry for each', () => {
    const { report, refused } = transpile(flatcar('storage: {trees: [{local: pipes}, {local: gone}, {local: ../t}]}'), {
      files,
    })
    expect(refused).toBe('source config is invalid')
    expect(report.map(({ path }) => path)).toEqual([0, 0, 1, 2].map((index) => `$.storage.trees.${index}`))
  })
  test('.. may leave the directory only to come back', () => {
    const local = (path: string) =>
      transpile(flatcar(`storage: {files: [{path: /f, contents: {local: ${path}}}]}`), { files })
    expect(local('../nowhere/t/a').refused).toBeUndefined()
    expect(local('/t/b/../a').refused).toBeUndefined()
    expect(local('../nowhere2/a').refused).toBe('source config is invalid')
  })
})

describe('mount units', () => {
  const filesystem = '{device: /dev/sdb1, path: /mnt/a, format: ext4, with_mount_unit: true}'
  test("the last user's unit of the name is laid over, the others move back", () => {
    const units =
      '[{name: x.service}, {name: mnt-a.mount, enabled: false}, {name: mnt-a.mount, mask: true, contents: "[Unit]"}]'
    const { ignition } = transpile(flatcar(`storage: {filesystems: [${filesystem}]}\nsystemd: {units: ${units}}`))
    expect(
      ignition?.systemd.units.map(({ name, enabled, mask, contents }) => ({ name, enabled, mask, contents })),
    ).toEqual([
      { name: 'mnt-a.mount', enabled: true, mask: true, contents: '[Unit]' },
      { name: 'x.service', enabled: undefined, mask: undefined, contents: undefined },
    ])
  })
  test("errors in the user's units are told where they stand in the file, unless nothing is said there", () => {
    const units = '[{name: bad}, {name: x.service, contents: "[Unit"}, {enabled: true}]'
    const { report } = transpile(flatcar(`storage: {filesystems: [${filesystem}]}\nsystemd: {units: ${units}}`))
    expect(report.map(({ path }) => path)).toEqual([
      '$.systemd.units.0.name',
      '$.systemd.units.1.contents',
      // the name is missing, so the merge knows of no place: butane names the one in the output
      '$.systemd.units.3.name',
    ])
  })
})

describe('places that yaml.v3 gives', () => {
  test.each([
    ['storage: {files: [path: ]}', '3:23'],
    ['storage: {files: [{path: }]}', '3:26'],
    ['storage:\n  files:\n  - path:', '5:10'],
  ])('a missing path in %j', (text, place) => {
    const { report } = transpile(flatcar(text))
    expect(report.map(({ line, column }) => `${line}:${column}`)).toEqual([place])
  })
  test('bytes that are no text matter only where they are read', () => {
    const first = flatcar(`x: ${'a'.repeat(600)}\n...\n`)
    const broken = (lines: number) => Buffer.concat([Buffer.from(first + 'a: b\n'.repeat(lines)), Buffer.of(0xff)])
    expect(transpile(broken(300)).refused).toBeUndefined()
    expect(transpile(broken(1)).refused).toContain('UTF-8')
  })
})
