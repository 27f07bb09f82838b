import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../../../scripts/bundle.ts'

/** What start-up depends on (bench/start-up.ts measures it) and a change elsewhere could undo unseen. */
const outdir = 'node_modules/.cache/keel-bundle-test'
const folder = fileURLToPath(new URL(`../../../${outdir}`, import.meta.url))
const text = (file: string) => readFileSync(join(folder, file), 'utf8')
let files: readonly string[] = []

beforeAll(async () => {
  await bundle(outdir)
  files = readdirSync(folder).filter((name) => name.endsWith('.js'))
})

/** The files that one loads with itself. */
function loadedWith(file: string, known = new Set<string>()): ReadonlySet<string> {
  if (known.has(file)) return known
  known.add(file)
  for (const [, name = ''] of text(file).matchAll(/(?:from|^import|;import) ?"\.\/([^"]+)"/gm)) loadedWith(name, known)
  return known
}

function entry(verb: string): string {
  return files.find((name) => name.startsWith(`${verb}-`)) ?? ''
}

describe('the bundle', () => {
  test('is ASCII, which node reads five times as fast', () => {
    const others = files.flatMap((file) => /.{0,20}[^\0-\x7f].{0,20}/.exec(text(file))?.[0] ?? [])
    expect(others).toEqual([])
  })

  test('holds all that `keel render` loads in a few files, without programs, connections, age or Butane', () => {
    const loaded = loadedWith(entry('render'))
    expect(loaded.size).toBeLessThanOrEqual(6)
    for (const absent of [/ssh2js/, /function encryptFile/, /node:child_process/, /function transpile\b/]) {
      const holders = files.filter((file) => absent.test(text(file)))
      expect(holders.length, `${absent}`).toBeGreaterThan(0)
      expect(holders.filter((file) => loaded.has(file))).toEqual([])
    }
  })

  test('keeps `keel butane` apart from what an inventory takes', () => {
    const ofInventories = files.filter((file) => /function loadInventory/.test(text(file)))
    expect(ofInventories).toHaveLength(1)
    expect([...loadedWith(entry('butane'))].filter((file) => ofInventories.includes(file))).toEqual([])
  })

  test('keeps the help apart from every verb, and `keel --version` apart from the help', () => {
    const ofHelp = files.filter((file) => text(file).includes('Exit codes:'))
    expect(ofHelp).toHaveLength(1)
    const loaded = [...loadedWith(entry('screen'))]
    expect(loaded.filter((file) => /function loadInventory|function renderHost/.test(text(file)))).toEqual([])
    for (const start of ['cli.js', entry('command-line'), entry('deploy')])
      expect([...loadedWith(start)].filter((file) => ofHelp.includes(file))).toEqual([])
  })

  test('needs no package, and has the licence of each that is in it', () => {
    const imports = files.flatMap((file) => [
      ...text(file).matchAll(/(?:from|\bimport\(|^import|;import) ?"([^."][^"]{0,60})"/g),
    ])
    expect(imports.map(([, name = '']) => name).filter((name) => /^[a-z@][\w@/.-]*$/.test(name))).toEqual([])
    const licences = text('LICENCES.txt')
    for (const name of ['ssh2', 'asn1', 'age-encryption', 'handlebars', 'yaml', 'zod'])
      expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'))
    expect(licences).not.toMatch(/^(esbuild|vitest|cpu-features) /m)
  })
})
