import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeFault, FaultsError } from '../../../src/errors.ts'
import { readInventoryFile } from '../../../src/files/inventory-file.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { elfProgram } from '../../support/samples/elf.ts'
import { makeVariant } from './variant.ts'

/** What can be in the place of a file, each made at a path. Behind it is a text that must not be printed. */
const HIDDEN = 'root:$y$j9T$planted'
const IN_PLACE: Readonly<Record<string, (path: string, directory: string) => void>> = {
  'a link to a file of this machine': (path, directory) => {
    writeFileSync(join(directory, '../hidden-file'), `${HIDDEN}: { a: b }\n{"x": ${HIDDEN}}`)
    symlinkSync(join(directory, '../hidden-file'), path)
  },
  'a link to a file that git ignores': (path, directory) => {
    writeFileSync(join(directory, '.env'), `${HIDDEN}: { a: b }\n{"x": ${HIDDEN}}`)
    symlinkSync(join(directory, '.env'), path)
  },
  'a link to /dev/zero': (path) => symlinkSync('/dev/zero', path),
  'a pipe': (path) => void execFileSync('mkfifo', [path]),
  'a file without end': (path) => {
    writeFileSync(path, '')
    truncateSync(path, 1e12)
  },
}

/** The files that keel reads of an inventory, and a verb that reads each. */
const FILES: readonly (readonly [file: string, form: 'ts' | 'yaml', argv: readonly string[]])[] = [
  ['hosts/a/host.yaml', 'yaml', ['rekey', '--check']],
  ['hosts/cluster.yaml', 'yaml', ['rekey', '--check']],
  ['secrets.yaml', 'yaml', ['rekey', '--check']],
  ['hosts/a/host.ts', 'ts', ['rekey', '--check']],
  ['secrets.ts', 'ts', ['rekey', '--check']],
  ['secrets/recipients.json', 'yaml', ['rekey', '--check']],
  ['secrets/k3s-server-token.age', 'yaml', ['secret', 'ls']],
  ['secrets/server-ca.crt', 'yaml', ['render', '--out', 'out']],
  ['keel.lock.json', 'yaml', ['plan']],
  ['keel.lock.json', 'yaml', ['pin']],
  ['secrets.nix', 'yaml', ['rekey', '--check']],
  ['secrets.nix', 'yaml', ['render']],
]

describe.each(Object.entries(IN_PLACE))('%s', (_name, put) => {
  test.each(FILES)(
    'attack 11: in place of %s (%s), for keel %j: refused at once, with its name alone',
    async (file, form, argv) => {
      const directory = join(makeVariant({ form }), 'inventory')
      moveInto(directory)
      rmSync(join(directory, file), { force: true })
      mkdirSync(dirname(join(directory, file)), { recursive: true })
      put(join(directory, file), directory)
      const { exit, out, err } = await keel(directory, argv)
      expect(exit, err).toBe(2)
      expect(err).toMatch(
        new RegExp(
          `${file.replaceAll('.', '\\.')}: (a link, or a file that is reached through one|a pipe|this file is too large)`,
        ),
      )
      expect(out + err).not.toContain('planted')
    },
    10_000,
  )
})

/** The variant's folder has a parent of its own, which goes with it. */
function moveInto(directory: string): void {
  const draft = `${dirname(directory)}-moved`
  renameSync(dirname(directory), draft)
  mkdirSync(dirname(directory))
  renameSync(draft, directory)
}

test.each(['hosts', 'hosts/a', 'secrets'])(
  'attack 11: %s is a link to a folder elsewhere, and is refused',
  async (folder) => {
    const directory = join(makeVariant({ form: 'yaml' }), 'inventory')
    moveInto(directory)
    mkdirSync(join(directory, 'secrets'), { recursive: true })
    renameSync(join(directory, folder), join(directory, '../elsewhere'))
    symlinkSync(`${'../'.repeat(folder.split('/').length)}elsewhere`, join(directory, folder))
    const { exit, err } = await keel(directory, ['rekey', '--check'])
    expect([exit, err]).toEqual([2, expect.stringContaining(`${folder}: a link`)])
  },
)

test('attack 11: a TypeScript file imports a link, and the fault says nothing of what it leads to', async () => {
  const directory = makeVariant({ edit: { a: ["import { defineHost } from 'keel'", IMPORTS_LINK] } })
  writeFileSync(join(directory, '.env'), HIDDEN)
  symlinkSync('../../.env', join(directory, 'hosts/a/common.ts'))
  const error = await loadInventory(directory).catch((cause: unknown) => cause)
  const text = error instanceof FaultsError ? error.faults.map(describeFault).join('\n') : String(error)
  expect(text).toContain('hosts/a/common.ts: a link')
  expect(text).not.toContain('planted')
})

const IMPORTS_LINK = "import { defineHost } from 'keel'\nimport './common.ts'"

test('attack 11: a YAML file of a million brackets is refused before it fills the memory', async () => {
  const directory = makeVariant({ form: 'yaml', write: { 'hosts/a/host.yaml': '['.repeat(1_000_000) } })
  const before = process.memoryUsage().rss
  await expect(loadInventory(directory)).rejects.toMatchObject({
    faults: expect.arrayContaining([expect.objectContaining({ code: 'yaml-depth', at: 'hosts/a/host.yaml:1:1' })]),
  })
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6)
})

const levels = (count: number) => Array.from({ length: count }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')

test.each([
  ['braces', '{'.repeat(100_000), '2:263'],
  ['brackets', '['.repeat(100_000), '2:263'],
  ['braces with keys, all closed', '{a: '.repeat(20_000) + '}'.repeat(20_000), '2:1025'],
  ['dashes', `\n  ${'- '.repeat(50_000)}a`, '3:511'],
  ['question marks', `\n  ${'? '.repeat(50_000)}a`, '3:511'],
  ['block maps', `\n ${levels(2000).replaceAll('\n', '\n ')}`, '257:256'],
])('attack 11: 1000s of nested %s are one fault with its place, in keel’s own words', async (_what, text, place) => {
  const directory = makeVariant({ form: 'yaml', write: { 'hosts/a/host.yaml': `role: agent\nlabels: ${text}` } })
  const faults = await loadInventory(directory).catch((error: unknown) =>
    error instanceof FaultsError ? error.faults : error,
  )
  expect(faults).toEqual([
    expect.objectContaining({
      code: 'yaml-depth',
      at: `hosts/a/host.yaml:${place}`,
      found: 'values nested more than 256 levels deep',
    }),
  ])
})

test('a file that grows while it is read ends at the size that it had', () => {
  const directory = makeVariant({})
  writeFileSync(join(directory, 'big'), Buffer.alloc(2000))
  expect(readInventoryFile(directory, 'big', 2000)).toHaveLength(2000)
  expect(() => readInventoryFile(directory, 'big', 1999)).toThrow('too large')
  expect(readInventoryFile(directory, 'none')).toBeUndefined()
})

test('attack 1: a commit brings `out` as a link, and `render --out out` writes nothing behind it', async () => {
  const directory = join(makeVariant({ form: 'yaml' }), 'inventory')
  moveInto(directory)
  mkdirSync(join(directory, '../elsewhere'))
  symlinkSync('../elsewhere', join(directory, 'out'))
  const { exit, err } = await keel(directory, ['render', '--out', 'out'])
  expect([exit, err]).toEqual([2, expect.stringContaining('out: a link')])
  expect(readdirSync(join(directory, '../elsewhere'))).toEqual([])
})

test('attack 1: nor by another spelling of the path, through a link of the user’s own', async () => {
  const directory = join(makeVariant({ form: 'yaml' }), 'inventory')
  moveInto(directory)
  const [parent, elsewhere] = [dirname(directory), join(dirname(directory), 'elsewhere')]
  mkdirSync(elsewhere)
  mkdirSync(join(directory, 'sub'))
  symlinkSync('../elsewhere', join(directory, 'out'))
  symlinkSync('../../elsewhere', join(directory, 'sub/out'))
  symlinkSync('inventory', join(parent, 'spelled'))
  symlinkSync('inventory/sub', join(parent, 'inner'))
  for (const [cwd, out, named] of [
    [directory, join(parent, 'spelled/out'), 'out'],
    [directory, join(parent, 'spelled/out/deeper'), 'out'],
    [join(parent, 'spelled'), 'out', 'out'],
    [join(parent, 'spelled'), join(directory, 'out'), 'out'],
    [directory, join(parent, 'inner/out'), 'sub/out'],
  ] as const) {
    const { exit, err } = await keel(cwd, ['render', '--out', out])
    expect([exit, err], out).toEqual([2, expect.stringContaining(`keel: ${named}: a link`)])
  }
  expect(readdirSync(elsewhere)).toEqual([])
})

test('a folder of the user’s own is the same by each of its names: what is there already stays', async () => {
  const directory = join(makeVariant({ form: 'yaml' }), 'inventory')
  moveInto(directory)
  const parent = dirname(directory)
  mkdirSync(join(parent, 'real'))
  symlinkSync('real', join(parent, 'link'))
  writeFileSync(join(parent, 'k3s'), elfProgram())
  for (const argv of [['pin', '--file', 'amd64=../k3s'], ['rekey']]) expect((await keel(directory, argv)).exit).toBe(0)
  const numbers = new Set<string>()
  for (const out of ['real/x', 'link/x']) {
    const { exit, err } = await keel(directory, ['render', '--out', join(parent, out)])
    expect(exit, err).toBe(0)
    const files = readdirSync(join(parent, 'real/x'), { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    )
    numbers.add(files.map((one) => statSync(join(one.parentPath, one.name)).ino).join())
  }
  expect(numbers.size).toBe(1)
})

test.each(['keel.lock.json', 'secrets.nix', 'secrets/recipients.json'])(
  'attack 11: %s is a link to itself',
  async (file) => {
    const directory = join(makeVariant({ form: 'yaml' }), 'inventory')
    moveInto(directory)
    mkdirSync(join(directory, 'secrets'), { recursive: true })
    rmSync(join(directory, file), { force: true })
    symlinkSync(join(directory, file), join(directory, file))
    const { exit, err } = await keel(directory, file === 'keel.lock.json' ? ['plan'] : ['rekey', '--check'])
    expect([exit, err]).toEqual([2, expect.stringContaining(`${file}: a link`)])
  },
)

test.each([['plan'], ['pin']])('keel.lock.json is a folder: keel %s names it', async (...argv) => {
  const directory = join(makeVariant({ form: 'yaml' }), 'inventory')
  moveInto(directory)
  rmSync(join(directory, 'keel.lock.json'), { force: true })
  mkdirSync(join(directory, 'keel.lock.json'))
  const { exit, err } = await keel(directory, argv)
  expect(exit, err).toBe(2)
  expect(err).toMatch(/keel\.lock\.json: a folder/)
})
