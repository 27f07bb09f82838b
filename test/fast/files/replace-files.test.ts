import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { processMark } from '../../../src/files/transaction/process-mark.ts'
import { recover, replaceFiles } from '../../../src/files/transaction/replace-files.ts'
import { clear, journalText } from '../../../src/files/transaction/staging.ts'
import { sha256 } from '../../../src/model/digest.ts'

let directory: string
const staging = () => join(directory, 'secrets/.keel-transaction')
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keel-transaction-'))
  await mkdir(join(directory, 'secrets'))
  await writeFile(join(directory, 'secrets/a'), 'old a')
})
afterEach(() => rm(directory, { recursive: true }))

const a = { file: 'secrets/a', contents: Buffer.from('new a'), replaces: sha256('old a') }
const b = { file: 'secrets/b', contents: Buffer.from('new b'), replaces: undefined }
const names = async () => (await readdir(join(directory, 'secrets'))).sort()
const text = (name: string) => readFile(join(directory, 'secrets', name), 'utf8')

const number = '0123456789abcdef'
/** What a process leaves that was killed: its folder, an owner that runs no more, and perhaps the journal. */
async function killed(options: { committed: boolean; owner?: object }) {
  await mkdir(staging())
  const put = (name: string, text: string) => writeFile(join(staging(), `${number}.${name}`), text)
  await put('owner', JSON.stringify(options.owner ?? { pid: 4194305, mark: 'gone' }))
  await put('0', 'new a')
  await put('1', 'new b')
  const journal = [a, b].map(({ file, contents }, index) => ({
    file,
    staged: { name: `${index}`, sha256: sha256(contents) },
  }))
  if (options.committed) await put('journal', journalText(directory, { folder: staging(), number }, journal))
}

describe('replacing files', () => {
  test('writes all of them and leaves nothing else', async () => {
    await replaceFiles(directory, [a, b])
    expect([await text('a'), await text('b'), await names()]).toEqual(['new a', 'new b', ['a', 'b']])
  })

  test('writes none when one is no longer what it was', async () => {
    await writeFile(join(directory, 'secrets/b'), 'somebody’s')
    await expect(replaceFiles(directory, [a, b])).rejects.toMatchObject({ code: 'file-changed', at: 'secrets/b' })
    expect([await text('a'), await text('b'), await names()]).toEqual(['old a', 'somebody’s', ['a', 'b']])
  })

  test('writes none when the disk refuses, and says so in a sentence', async () => {
    await mkdir(join(directory, 'secrets/b'))
    await expect(replaceFiles(directory, [a, b])).rejects.toMatchObject({
      code: 'secrets-not-written',
      found: expect.stringContaining('EISDIR'),
    })
    expect([await text('a'), await names()]).toEqual(['old a', ['a', 'b']])
  })

  test('writes none when a file stands where secrets/ belongs', async () => {
    await rm(join(directory, 'secrets'), { recursive: true })
    await writeFile(join(directory, 'secrets'), 'a file')
    const seen = {
      code: 'secrets-not-written',
      found: "keel can't see whether it contains an interrupted change: there is a file in place of a folder (ENOTDIR)",
    }
    await expect(replaceFiles(directory, [a])).rejects.toMatchObject(seen)
    await expect(recover(directory)).rejects.toMatchObject(seen)
  })

  test('takes files away, and a folder with its last file; makes folders', async () => {
    const host = { file: 'hosts/x/host.ts', contents: Buffer.from('x'), replaces: undefined }
    await replaceFiles(directory, [host, a])
    expect(await readFile(join(directory, host.file), 'utf8')).toBe('x')
    await replaceFiles(directory, [{ ...host, contents: undefined, replaces: sha256('x') }])
    expect([await readdir(join(directory, 'hosts')), await names()]).toEqual([[], ['a']])
  })

  test('two at once: one does it, the other says so', async () => {
    const both = await Promise.allSettled([
      replaceFiles(directory, [a]),
      replaceFiles(directory, [{ ...a, contents: Buffer.from('other') }]),
    ])
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const [refused] = both.filter((one) => one.status === 'rejected')
    expect(['secrets-locked', 'file-changed']).toContain(refused?.reason.code)
    expect(await names()).toEqual(['a'])
  })
})

describe('after a kill', () => {
  test('before the journal: nothing has happened', async () => {
    await killed({ committed: false })
    expect(await recover(directory)).toBe('undone')
    expect([await text('a'), await names()]).toEqual(['old a', ['a']])
  })

  test('after the journal: the rest is done', async () => {
    await killed({ committed: true })
    await rm(join(staging(), `${number}.1`))
    await writeFile(join(directory, 'secrets/b'), 'new b')
    expect(await recover(directory)).toBe('finished')
    expect([await text('a'), await text('b'), await names()]).toEqual(['new a', 'new b', ['a', 'b']])
  })

  test.each([true, false])(
    'several that recover at once do it once, and one says so (journal there: %s)',
    async (committed) => {
      await killed({ committed })
      const said = await Promise.all(Array.from({ length: 8 }, () => recover(directory)))
      expect(said.filter((each) => each !== undefined)).toEqual([committed ? 'finished' : 'undone'])
      expect([await text('a'), await names()]).toEqual(committed ? ['new a', ['a', 'b']] : ['old a', ['a']])
    },
  )

  test('one who recovers late does not touch what came after', async () => {
    await killed({ committed: true })
    const late = { folder: staging(), number }
    await recover(directory)
    await mkdir(staging())
    await writeFile(join(staging(), 'fedcba9876543210.0'), 'somebody’s')
    expect(await clear(late)).toBe(false)
    expect(await readdir(staging())).toEqual(['fedcba9876543210.0'])
  })

  test('a process that has the number of the dead one does not count as alive', async () => {
    await killed({ committed: true, owner: { pid: process.pid, mark: 'another boot:1' } })
    expect(await recover(directory)).toBe('finished')
  })

  test('the next change recovers first', async () => {
    await killed({ committed: false })
    await replaceFiles(directory, [a])
    expect([await text('a'), await names()]).toEqual(['new a', ['a']])
  })

  test('a folder of one who never got the lock goes', async () => {
    await mkdir(`${staging()}-4194305-${number}`)
    await recover(directory)
    expect(await names()).toEqual(['a'])
  })
})

test('while another keel is alive nothing is touched, and it is said: exit 5', async () => {
  const sleeper = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'])
  try {
    await killed({ committed: true, owner: { pid: sleeper.pid, mark: processMark(sleeper.pid ?? 0) } })
    expect(await recover(directory)).toBeUndefined()
    await expect(replaceFiles(directory, [a])).rejects.toMatchObject({ code: 'secrets-locked', exit: 5 })
    expect([await text('a'), await names()]).toEqual(['old a', ['.keel-transaction', 'a']])
  } finally {
    sleeper.kill('SIGKILL')
  }
})
