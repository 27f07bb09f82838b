import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keel } from '../../support/keel/keel-in-process.ts'
import { elfProgram } from '../../support/samples/elf.ts'
import { newKey, run } from '../../support/secrets/secret-keys.ts'

/** Disks that refuse, and others who write at the same time. Mounting takes root. */
const root = mkdtempSync(join(tmpdir(), 'keel-disk-'))
const path = (name: string) => join(root, name)
const mounted: string[] = []
afterAll(() => {
  for (const folder of mounted) run('umount', [folder])
  rmSync(root, { recursive: true })
})

const me = newKey('ssh-ed25519')
beforeAll(async () => {
  const host = `name=ocean,address=root@127.0.0.1:1,nodeIP=192.0.2.1,hostKey=${newKey('ssh-ed25519').recipient}`
  expect((await keel(root, ['init', 'original', '--yes', '--admin', `me=${me.recipient}`, '--host', host])).exit).toBe(
    0,
  )
  writeFileSync(path('me'), me.privateText)
  writeFileSync(path('a-program'), elfProgram('for amd64'))
})

function tree(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  )
  return Object.fromEntries(files.sort().map((name) => [name, readFileSync(join(folder, name)).toString('base64')]))
}

/** The inventory on a file system of its own. */
function onTmpfs(name: string, size: string): string {
  const folder = path(name)
  mkdirSync(folder)
  run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder])
  mounted.push(folder)
  cpSync(path('original'), folder, { recursive: true })
  return folder
}

const widen = (folder: string) => {
  const file = join(folder, 'secrets.ts')
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('admins: {', `admins: { added: '${newKey('age1').recipient}',`),
  )
}

/** All that is left but one block, which a folder takes. */
function fill(folder: string): void {
  for (let blocks = 40; blocks > 0; ) {
    try {
      writeFileSync(join(folder, `fill-${blocks}`), Buffer.alloc(4096 * blocks))
      blocks--
    } catch {
      rmSync(join(folder, `fill-${blocks}`))
      blocks = Math.floor(blocks / 2)
    }
  }
}

describe('a disk that refuses', () => {
  const large = 'x'.repeat(20_000)
  const changes: readonly (readonly [string, readonly string[], string])[] = [
    ['rekey', ['rekey', '-i', path('me')], ''],
    ['secret set', ['secret', 'set', 'k3s-server-token'], large],
    ['secret import', ['secret', 'import', 'k3s-server-token', '--from-stdin'], large],
    ['secret edit', ['secret', 'edit', 'k3s-server-token', '-i', path('me')], ''],
    ['render', ['render'], ''],
    ['pin', ['pin', '--file', `amd64=${path('a-program')}`], ''],
  ]
  const env = { HOME: path('nobody'), PATH: process.env.PATH, EDITOR: `sh -c 'printf ${large} > "$1"' editor` }

  test.each(changes)('full: %s writes nothing and says so', async (name, argv, stdin) => {
    const folder = onTmpfs(`full ${name}`, '200k')
    widen(folder)
    fill(folder)
    const before = tree(folder)
    const { exit, err } = await keel(folder, argv, stdin, { env })
    expect({ exit, err }).toMatchObject({
      exit: 1,
      err: expect.stringMatching(/the disk is full \(ENOSPC\); nothing was changed/),
    })
    expect(tree(folder)).toEqual(before)
    expect(readdirSync(join(folder, 'secrets')).filter((each) => each.startsWith('.'))).toEqual([])
    expect(readdirSync('/dev/shm').filter((each) => each.startsWith(`keel-edit-${process.pid}-`))).toEqual([])
  })

  test('full: what was typed in secret edit is there again, and saved when there is room', async () => {
    const folder = onTmpfs('full for a while', '200k')
    fill(folder)
    const asked: string[] = []
    const ask = async (question: string) => {
      asked.push(question)
      for (const name of readdirSync(folder)) if (name.startsWith('fill-')) rmSync(join(folder, name))
      return 'yes'
    }
    const again = { ...env, EDITOR: `sh -c 'printf 0123456789 >> "$1"' editor` }
    const name = 'k3s-server-token'
    const typed = await keel(folder, ['secret', 'edit', name, '-i', path('me')], '', { env: again, ask })
    expect(typed).toMatchObject({ exit: 0, err: expect.stringContaining('encrypted to') })
    expect(asked).toEqual([expect.stringMatching(/the disk is full[\s\S]*Edit it again\?/)])
    expect((await keel(folder, ['secret', 'show', name, '-i', path('me')])).out).toMatch(/(0123456789){2}\n?$/)
  })

  test.each(changes)('read-only: %s writes nothing and says so', async (name, argv, stdin) => {
    const folder = onTmpfs(`read-only ${name}`, '1m')
    widen(folder)
    const before = tree(folder)
    run('mount', ['-o', 'remount,ro', folder])
    expect(await keel(folder, argv, stdin, { env })).toMatchObject({
      exit: 1,
      err: expect.stringMatching(/read-only \(EROFS\); nothing was changed/),
    })
    expect((await keel(folder, ['rekey', '--check'])).exit).toBe(3)
    expect(tree(folder)).toEqual(before)
  })

  test.each([
    ['full', 'size=16k', 'ENOSPC'],
    ['read-only', 'ro', 'EROFS'],
  ])('%s: init makes nothing and says so', async (name, option, code) => {
    const folder = path(`init ${name}`)
    mkdirSync(folder)
    run('mount', ['-t', 'tmpfs', '-o', option, 'tmpfs', folder])
    mounted.push(folder)
    const host = `name=ocean,address=root@127.0.0.1:1,hostKey=${newKey('ssh-ed25519').recipient}`
    const argv = ['init', 'new', '--yes', '--admin', `me=${me.recipient}`, '--host', host]
    expect(await keel(folder, argv)).toMatchObject({
      exit: 1,
      err: expect.stringMatching(new RegExp(`: writing failed: ${code}; no file was changed\\n {2}do: `)),
    })
    expect(readdirSync(folder)).toEqual([])
  })

  test('a new host’s folder on another file system is refused before anything is written', async () => {
    const folder = path('two systems')
    cpSync(path('original'), folder, { recursive: true })
    run('mount', ['-t', 'tmpfs', 'tmpfs', join(folder, 'hosts')])
    mounted.push(join(folder, 'hosts'))
    cpSync(path('original/hosts'), join(folder, 'hosts'), { recursive: true })
    const before = tree(folder)
    const argv = [
      'add-node',
      'luna',
      '--address',
      'root@127.0.0.1:2',
      '--node-ip',
      '192.0.2.2',
      '--host-key',
      newKey('ssh-ed25519').recipient,
      '-i',
      path('me'),
    ]
    expect(await keel(folder, argv)).toMatchObject({ exit: 1, err: expect.stringContaining('on another file system') })
    expect(tree(folder)).toEqual(before)
  })

  test.each([
    [
      'a folder in place of a secret',
      (folder: string) => replace(join(folder, 'secrets/k3s-server-token.age'), 'folder'),
      /k3s-server-token\.age: a folder, where a file belongs/,
    ],
    [
      'a file in place of secrets/',
      (folder: string) => replace(join(folder, 'secrets'), 'file'),
      /there is a file in place of a folder|is a file/,
    ],
  ])('%s is said in a sentence by every command', async (name, break_, message) => {
    const folder = path(name.replaceAll('/', ''))
    cpSync(path('original'), folder, { recursive: true })
    break_(folder)
    for (const argv of [
      ['rekey', '--check'],
      ['rekey', '-i', path('me')],
      ['secret', 'ls'],
      ['secret', 'set', 'k3s-server-token'],
      ['secret', 'show', 'k3s-server-token', '-i', path('me')],
    ]) {
      const { exit, err } = await keel(folder, argv, 'value')
      expect(err, argv.join(' ')).toMatch(message)
      expect([1, 2]).toContain(exit)
      expect(err).not.toContain('a bug in keel')
    }
  })
})

function replace(target: string, by: 'file' | 'folder'): void {
  rmSync(target, { recursive: true })
  if (by === 'folder') mkdirSync(target)
  else writeFileSync(target, '')
}

test('eight at once: each has written all of its value or was refused, nothing is lost, nothing is left', async () => {
  const folder = path('eight')
  cpSync(path('original'), folder, { recursive: true })
  const bin = new URL('../../../bin/keel.js', import.meta.url).pathname
  const ends = await Promise.all(
    Array.from(
      { length: 8 },
      (_, index) =>
        new Promise<{ index: number; code: number | null }>((resolve) => {
          const one = spawn(process.execPath, [bin, 'secret', 'set', 'k3s-server-token'], {
            cwd: folder,
            stdio: ['pipe', 'ignore', 'ignore'],
          })
          one.stdin.end(`password-${index}`)
          one.once('close', (code) => resolve({ index, code }))
        }),
    ),
  )
  // 5: another was at it; 1: the file had changed meanwhile
  expect(ends.map(({ code }) => code).filter((code) => ![0, 1, 5].includes(code ?? -1))).toEqual([])
  const done = ends.filter(({ code }) => code === 0).map(({ index }) => `password-${index}`)
  expect(done.length).toBeGreaterThan(0)
  const { out } = await keel(folder, ['secret', 'show', 'k3s-server-token', '-i', path('me')])
  expect(done).toContain(out)
  expect(readdirSync(join(folder, 'secrets')).sort()).toEqual(readdirSync(path('original/secrets')).sort())
})
