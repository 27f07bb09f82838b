import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { machineId, thisPlace } from '../../../src/files/transaction/process-mark.ts'
import { recover, replaceFiles } from '../../../src/files/transaction/replace-files.ts'
import { journalText } from '../../../src/files/transaction/staging.ts'
import { sha256 } from '../../../src/model/digest.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { BASE_YAML } from '../inventory/variant.ts'

/*
 * A commit brings a journal of a change that nobody has begun: data alone, the inventory is YAML. Beside the inventory
 * is a folder that must not change.
 */

const number = '0123456789abcdef'
const attacker = 'ssh-ed25519 AAAA attacker'
let root: string
let inventory: string
const victim = (name: string) => join(root, 'victim-home', name)

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keel-journal-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  inventory = join(root, 'inventory')
  cpSync(BASE_YAML, inventory, { recursive: true })
  mkdirSync(victim('.ssh'), { recursive: true })
  writeFileSync(victim('.ssh/authorized_keys'), 'mine')
  writeFileSync(victim('precious'), 'precious')
})

const put = (file: string, text: string) => {
  mkdirSync(dirname(join(inventory, file)), { recursive: true })
  writeFileSync(join(inventory, file), text)
}
const staged = (name: string, text: string) => put(`secrets/.keel-transaction/${number}.${name}`, text)

/** Everything below the inventory and beside it, with what it holds. */
function everything(): Record<string, string> {
  const names = readdirSync(root, { recursive: true, withFileTypes: true })
  return Object.fromEntries(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => [
        join(entry.parentPath, entry.name).slice(root.length),
        readFileSync(join(entry.parentPath, entry.name), 'utf8'),
      ]),
  )
}

const precious = sha256('precious')
const evil = { name: '0', sha256: sha256(attacker) }
/** In the form of every keel so far, and in that of this one. */
const entries: Readonly<Record<string, object>> = {
  'writes beside the inventory': { file: '../victim-home/.ssh/authorized_keys', staged: '0' },
  'writes beside the inventory, in this keel’s form': { file: '../victim-home/.ssh/authorized_keys', staged: evil },
  'writes by an absolute path': { file: '/../../../victim-home/.ssh/authorized_keys', staged: evil },
  'deletes beside the inventory': { file: '../victim-home/precious', replaces: precious },
  'takes a file from beside it': { file: 'docs/notes.txt', staged: '/../../../../victim-home/precious' },
  'takes a file, in this keel’s form': {
    file: 'docs/notes.txt',
    staged: { name: '/../../../../victim-home/precious', sha256: precious },
  },
  'goes through a link': { file: 'out/.ssh/authorized_keys', staged: evil },
  'writes below .git': { file: '.git/hooks/pre-commit', staged: evil },
  'stays in the inventory': { file: 'hosts/a/host.yaml', staged: evil },
}
const owners: Readonly<Record<string, string | undefined>> = {
  'no owner': undefined,
  'an owner that runs no more': JSON.stringify({ pid: 4194305, mark: 'gone' }),
  'an owner of this very machine': JSON.stringify({ pid: 4194305, mark: `${thisPlace().boot}:1`, place: thisPlace() }),
}
const forms: Readonly<Record<string, (entry: object) => string>> = {
  'a list': (entry) => JSON.stringify([entry]),
  'without a seal': (entry) => JSON.stringify({ entries: [entry] }),
  'with a seal that was guessed': (entry) =>
    JSON.stringify({ entries: [entry], seal: sha256(`${machineId()}:${process.getuid?.()}`) }),
}
const verbs: readonly (readonly [name: string, argv: readonly string[]])[] = [
  ['plan', ['plan']],
  ['vip status', ['vip', 'status']],
  ['secret ls', ['secret', 'ls']],
  ['rekey --check', ['rekey', '--check']],
]

describe.each(Object.entries(entries))('a journal that %s', (_name, entry) => {
  beforeEach(() => {
    staged('0', attacker)
    symlinkSync('../victim-home', join(inventory, 'out'))
  })

  test.each(Object.entries(forms))('attack 1: %s, is carried out by nothing', async (_form, text) => {
    for (const owner of Object.values(owners)) {
      staged('journal', text(entry))
      if (owner !== undefined) staged('owner', owner)
      const before = everything()
      await expect(recover(inventory)).rejects.toMatchObject({ code: 'secrets-journal' })
      const change = { file: 'secrets/new', contents: Buffer.from('new'), replaces: undefined }
      await expect(replaceFiles(inventory, [change])).rejects.toMatchObject({ code: 'secrets-journal' })
      expect(everything()).toEqual(before)
    }
  })
})

test.each(verbs)('attack 1: keel %s writes nothing at all, and says that a change lies there', async (_name, argv) => {
  staged('journal', JSON.stringify([{ file: '../victim-home/precious', replaces: precious }]))
  const before = everything()
  const { err } = await keel(inventory, argv)
  expect(err).toContain('secrets/.keel-transaction: you did not begin this change on this machine')
  expect(everything()).toEqual(before)
})

test('attack 1: one who changes something is told what to do, and changes nothing', async () => {
  staged('journal', JSON.stringify([{ file: '../victim-home/precious', replaces: precious }]))
  const before = everything()
  const { exit, err } = await keel(inventory, ['rekey'])
  expect([exit, err]).toEqual([1, expect.stringContaining('do:  delete secrets/.keel-transaction, then')])
  expect(everything()).toEqual(before)
})

describe('a change of this user on this machine that was interrupted', () => {
  const file = 'hosts/a/notes.txt'
  const leave = () => {
    staged('0', 'right')
    const what = { folder: join(inventory, 'secrets/.keel-transaction'), number }
    staged('journal', journalText(inventory, what, [{ file, staged: { name: '0', sha256: sha256('right') } }]))
  }

  test.each(verbs)('is left alone by keel %s, which names the command that finishes it', async (_name, argv) => {
    leave()
    const before = everything()
    const { err } = await keel(inventory, argv)
    expect(err).toContain('interrupted and is half written (run keel rekey to finish it)')
    expect(everything()).toEqual(before)
  })

  test('is finished by the command that is named', async () => {
    leave()
    expect((await keel(inventory, ['rekey'])).err).toContain('an interrupted change of the inventory was finished')
    expect(readFileSync(join(inventory, file), 'utf8')).toBe('right')
  })

  test('attack 1: is not carried out once git has it', async () => {
    leave()
    const git = (...args: string[]) => execFileSync('git', ['-C', inventory, ...args], { stdio: 'ignore' })
    git('init')
    git('add', '-f', 'secrets/.keel-transaction')
    await expect(recover(inventory)).rejects.toMatchObject({ code: 'secrets-journal', found: 'git brought this here' })
    expect(existsSync(join(inventory, file))).toBe(false)
  })

  test('attack 1: is not carried out in another inventory, nor with another content', async () => {
    leave()
    staged('0', attacker)
    await expect(recover(inventory)).rejects.toMatchObject({ code: 'secrets-journal' })
    cpSync(inventory, join(root, 'other'), { recursive: true })
    writeFileSync(join(root, 'other/secrets/.keel-transaction', `${number}.0`), 'right')
    await expect(recover(join(root, 'other'))).rejects.toMatchObject({ code: 'secrets-journal' })
    expect([existsSync(join(inventory, file)), existsSync(join(root, 'other', file))]).toEqual([false, false])
  })
})

describe('links', () => {
  test.each([
    ['the staging folder', 'secrets/.keel-transaction', 'victim-home'],
    ['secrets/', 'secrets', 'victim-home'],
    ['secrets/, to nowhere', 'secrets', 'nowhere'],
    ['a host’s folder', 'hosts/new', 'victim-home'],
    ['a host’s folder, to nowhere', 'hosts/new', 'nowhere'],
  ])('attack 1: %s is a link, and nothing is written through it', async (_name, link, to) => {
    rmSync(join(inventory, link), { recursive: true, force: true })
    mkdirSync(dirname(join(inventory, link)), { recursive: true })
    symlinkSync(join(root, to), join(inventory, link))
    const before = everything()
    const change = {
      file: link.startsWith('hosts') ? `${link}/k3s.nix` : 'secrets/new',
      contents: Buffer.from('x'),
      replaces: undefined,
    }
    await expect(replaceFiles(inventory, [change])).rejects.toMatchObject({ code: 'inventory-file', exit: 2 })
    expect(everything()).toEqual(before)
  })

  test.each(['hosts/../../victim-home/precious', '/etc/passwd', '.git/config', 'secrets//a'])(
    'attack 1: a change of %s is a bug, and nothing is written',
    async (file) => {
      const before = everything()
      await expect(
        replaceFiles(inventory, [{ file, contents: Buffer.from('x'), replaces: undefined }]),
      ).rejects.toThrow()
      expect(everything()).toEqual(before)
    },
  )

  test('attack 16: .keel is a link into somebody’s folder, which keel leaves alone', async () => {
    symlinkSync('../victim-home', join(inventory, '.keel'))
    for (const name of ['.gitignore', 'secrets.json']) writeFileSync(victim(name), 'somebody’s')
    const before = everything()
    for (const [, argv] of verbs) await keel(inventory, argv)
    const { exit, err } = await keel(inventory, ['render'])
    expect([exit, err]).toEqual([2, expect.stringContaining('.keel: a link')])
    expect(everything()).toEqual(before)
  })

  test('attack 16: a file of .keel is a link, which is replaced and not written through', async () => {
    mkdirSync(join(inventory, '.keel'))
    symlinkSync('../../victim-home/precious', join(inventory, '.keel/host.json'))
    await keel(inventory, ['render'])
    expect(readFileSync(victim('precious'), 'utf8')).toBe('precious')
    expect(readFileSync(join(inventory, '.keel/host.json'), 'utf8')).toContain('$schema')
  })
})
