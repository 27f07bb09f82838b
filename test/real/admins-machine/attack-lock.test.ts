import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { recover, replaceFiles } from '../../../src/files/transaction/replace-files.ts'
import { journalText, lock } from '../../../src/files/transaction/staging.ts'
import { sha256 } from '../../../src/model/digest.ts'

/** Two keels on one folder that see other process numbers, as a development container beside the machine does. */

const module = new URL('../../../src/files/transaction/replace-files.ts', import.meta.url).pathname
const elsewhere = ['unshare', '--fork', '--pid', '--mount-proc']

function inventory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'keel-lock-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'secrets'))
  return directory
}

/** A keel that writes `count` files with this content, started by `wrapper`. */
function writer(directory: string, content: string, count: number, wrapper: readonly string[] = []) {
  const code = `const { replaceFiles } = await import(${JSON.stringify(module)})
    const changes = Array.from({ length: ${count} }, (_, n) => ({ file: \`secrets/\${n}\`, contents: Buffer.from('${content}'), replaces: undefined }))
    await replaceFiles(${JSON.stringify(directory)}, changes).then(() => console.log('written'), ({ code }) => console.log(code))`
  const [program = '', ...args] = [...wrapper, process.execPath, '--no-warnings', '--input-type=module', '-e', code]
  return text(spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout)
}

test('attack 12: another keel sees no process of this number, and takes nothing away', async () => {
  const directory = inventory()
  // it has the lock, and is about to stage
  const staged = await lock(directory)
  expect(await writer(directory, 'B', 1, elsewhere)).toBe('secrets-locked\n')
  expect(readdirSync(staged.folder)).toEqual([`${staged.number}.owner`])
  expect(readdirSync(join(directory, 'secrets'))).toEqual(['.keel-transaction'])
})

test('attack 12: of two that write at once in two namespaces one has all of its files, the other none, and each says so', async () => {
  const directory = inventory()
  const said = await Promise.all([writer(directory, 'A', 600), writer(directory, 'B', 600, elsewhere)])
  const files = readdirSync(join(directory, 'secrets'))
  expect(files).toHaveLength(600)
  const contents = new Set(files.map((name) => readFileSync(join(directory, 'secrets', name), 'utf8')))
  expect(contents.size).toBe(1)
  expect(said[contents.has('A') ? 0 : 1]).toBe('written\n')
  expect(said[contents.has('A') ? 1 : 0]).toMatch(/^(secrets-locked|file-changed)\n$/)
})

test('attack 12: a writer whose staged files were taken away does not say that they are written', async () => {
  const directory = inventory()
  const changes = Array.from({ length: 200 }, (_, n) => ({
    file: `secrets/${n}`,
    contents: Buffer.from('A'),
    replaces: undefined,
  }))
  const change = replaceFiles(directory, changes)
  const staging = join(directory, 'secrets/.keel-transaction')
  const gone = new Set<string>()
  // one who does not respect the lock: each staged file goes as soon as it is there
  const thief = setInterval(() => {
    for (const name of names(staging).filter((each) => /\.\d+$/.test(each))) {
      rmSync(join(staging, name), { force: true })
      gone.add(name)
    }
  }, 0)
  onTestFinished(() => clearInterval(thief))
  await expect(change).rejects.toMatchObject({ code: 'secrets-overtaken' })
  expect(gone.size).toBeGreaterThan(0)
})

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

test('attack 12: what was taken away behind the point of no return is a failure, too', async () => {
  const directory = inventory()
  const number = '0123456789abcdef'
  const folder = join(directory, 'secrets/.keel-transaction')
  mkdirSync(folder)
  const entries = ['a', 'b'].map((name, index) => ({
    file: `secrets/${name}`,
    staged: { name: `${index}`, sha256: sha256(name) },
  }))
  writeFileSync(join(folder, `${number}.0`), 'a')
  writeFileSync(join(folder, `${number}.journal`), journalText(directory, { folder, number }, entries))
  await expect(recover(directory)).rejects.toMatchObject({ code: 'secrets-overtaken', at: 'secrets/b' })
  expect(readFileSync(join(directory, 'secrets/a'), 'utf8')).toBe('a')
  // it is said once; what was left is cleared up
  expect(await recover(directory)).toBeUndefined()
})

test('attack 12: a foreign boot on another machine counts as alive, this machine before its last boot does not', async () => {
  const directory = inventory()
  const staged = await lock(directory)
  const owner = join(staged.folder, `${staged.number}.owner`)
  const { pid, mark, place } = JSON.parse(readFileSync(owner, 'utf8'))
  const change = [{ file: 'secrets/a', contents: Buffer.from('a'), replaces: undefined }]
  const as = (other: object) => writeFileSync(owner, JSON.stringify({ pid, mark, place: { ...place, ...other } }))
  as({ machine: 'another', boot: 'another' })
  await expect(replaceFiles(directory, change)).rejects.toMatchObject({ code: 'secrets-locked', exit: 5 })
  as({ boot: 'another', namespace: 'pid:[1]' })
  await expect(replaceFiles(directory, change)).rejects.toMatchObject({ code: 'secrets-locked', exit: 5 })
  as({ machine: '', boot: 'another' })
  await expect(replaceFiles(directory, change)).rejects.toMatchObject({ code: 'secrets-locked', exit: 5 })
  if (place.namespace !== 'pid:[4026531836]') return
  as({ boot: 'another' })
  await replaceFiles(directory, change)
  expect(readFileSync(join(directory, 'secrets/a'), 'utf8')).toBe('a')
})
