import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../../../scripts/bundle.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { newKey, run } from '../../support/secrets/secret-keys.ts'
import { type Answer, typed } from '../../support/terminal/typed.ts'
import { until } from '../../support/until.ts'

/** `secret edit` with real editors, in a process of its own: it is told to end, and killed. */
const root = mkdtempSync(join(tmpdir(), 'keel-edit-test-'))
const path = (name: string) => join(root, name)
const inventory = path('inventory')
const outdir = 'node_modules/.cache/keel-edit'
const cli = new URL(`../../../${outdir}/cli.js`, import.meta.url).href
afterAll(() => rmSync(root, { recursive: true }))

const me = newKey('ssh-ed25519')
beforeAll(async () => {
  await bundle(outdir)
  const host = `name=ocean,address=root@127.0.0.1:1,hostKey=${newKey('ssh-ed25519').recipient}`
  run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'a passphrase', '-C', 'locked', '-f', path('locked')])
  const admins = ['--admin', `me=${me.recipient}`, '--admin', path('locked.pub')]
  expect(await keel(root, ['init', 'inventory', '--yes', ...admins, '--host', host])).toMatchObject({ exit: 0 })
  writeFileSync(path('me'), me.privateText)
  const file = join(inventory, 'secrets.ts')
  writeFileSync(file, readFileSync(file, 'utf8').replace('secrets: {', "secrets: { own: { readers: ['admins'] },"))
  expect((await keel(inventory, ['secret', 'set', 'own'], 'planted value\n')).exit).toBe(0)
  writeFileSync(
    path('main.mjs'),
    `const { main } = await import(${JSON.stringify(cli)}); process.exitCode = await main(process.argv.slice(2))\n`,
  )
})

/** An editor: a shell script that gets the file as $1. */
function editor(name: string, script: string): string {
  writeFileSync(path(name), `#!/bin/sh\n${script}\n`)
  chmodSync(path(name), 0o755)
  return path(name)
}

function start(EDITOR: string, env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [path('main.mjs'), 'secret', 'edit', 'own', '-i', path('me')], {
    cwd: inventory,
    env: { PATH: process.env.PATH, HOME: root, EDITOR, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function ended(one: ChildProcess) {
  const [out, err, end] = await Promise.all([
    one.stdout ? text(one.stdout) : '',
    one.stderr ? text(one.stderr) : '',
    new Promise<number | NodeJS.Signals | null>((resolve) =>
      one.once('close', (code, signal) => resolve(signal ?? code)),
    ),
  ])
  return { out, err, end }
}

const edit = (EDITOR: string, env?: Record<string, string>) => ended(start(EDITOR, env))
const left = (pid: number | undefined) => readdirSync('/dev/shm').filter((name) => name.startsWith(`keel-edit-${pid}-`))
const value = async () => (await keel(inventory, ['secret', 'show', 'own', '-i', path('me')])).out
const encrypted = () => readFileSync(join(inventory, 'secrets/own.age'))

describe('keel secret edit', () => {
  test('gives the value to the editor, in a file of his own in memory, and takes what he leaves', async () => {
    const seen = path('seen')
    const { end, err } = await edit(
      editor(
        'writer',
        `stat -f -c %T "$1" > ${seen}; stat -c '%a' "$1" "$(dirname "$1")" >> ${seen}; cat "$1" >> ${seen}; echo new > "$1"`,
      ),
    )
    expect(end, err).toBe(0)
    expect(readFileSync(seen, 'utf8')).toBe('tmpfs\n600\n700\nplanted value\n')
    expect(await value()).toBe('new\n')
    expect(readdirSync('/dev/shm').filter((name) => name.startsWith('keel-edit-'))).toEqual([])
  })

  test('leaves the file byte for byte when the text is the same', async () => {
    const before = encrypted()
    expect(await edit(editor('looker', 'cat "$1" > /dev/null'))).toMatchObject({
      end: 0,
      err: expect.stringContaining('unchanged'),
    })
    expect(encrypted()).toEqual(before)
  })

  test('takes an editor with arguments, as git does, and VISUAL before EDITOR', async () => {
    const script = editor('with arguments', '[ "$1" = "--wait" ] && echo "by visual" > "$2"')
    expect(await edit('false', { VISUAL: `'${script}' --wait` })).toMatchObject({ end: 0 })
    expect(await value()).toBe('by visual\n')
  })

  test('changes nothing when the editor fails', async () => {
    const before = encrypted()
    expect(await edit(editor('failing', 'echo half > "$1"; exit 3'))).toMatchObject({
      end: 1,
      err: expect.stringMatching(/ended with 3; nothing was changed/),
    })
    expect(encrypted()).toEqual(before)
  })

  test('changes nothing when the secret was changed meanwhile', async () => {
    const busy = editor(
      'busy',
      `echo mine > "$1"; cd ${inventory}; echo theirs | ${process.execPath} ${path('main.mjs')} secret set own`,
    )
    expect(await edit(busy)).toMatchObject({
      end: 1,
      err: expect.stringContaining('was changed while keel was working'),
    })
    expect(await value()).toBe('theirs\n')
  })

  test('is refused where there is no memory file system, with the reason', async () => {
    // a mount namespace in which /dev/shm is a folder on the disk
    mkdirSync(path('disk'))
    const command = `mount --bind ${path('disk')} /dev/shm && exec ${process.execPath} ${path('main.mjs')} secret edit own -i ${path('me')}`
    const one = spawn('unshare', ['-m', 'sh', '-c', command], {
      cwd: inventory,
      env: { PATH: process.env.PATH, HOME: root, EDITOR: 'cat', XDG_RUNTIME_DIR: path('disk') },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    expect(await ended(one)).toMatchObject({
      end: 2,
      out: '',
      err: expect.stringMatching(/no memory file system to edit in: .*\/disk is on a disk, \/dev\/shm is on a disk/),
    })
    expect(readdirSync(path('disk'))).toEqual([])
  })

  test('goes by a memory file system that can’t be written to, and says of a full one that it is', async () => {
    const mount = (option: string) => {
      const folder = path(option)
      mkdirSync(folder)
      run('mount', ['-t', 'tmpfs', '-o', option, 'tmpfs', folder])
      return folder
    }
    const [closed, full] = [mount('ro'), mount('size=4k')]
    writeFileSync(join(full, 'page'), Buffer.alloc(4096))
    expect(await edit('true', { XDG_RUNTIME_DIR: closed })).toMatchObject({
      end: 0,
      err: expect.stringContaining('unchanged'),
    })
    expect(await edit('true', { XDG_RUNTIME_DIR: full })).toMatchObject({
      end: 2,
      err: expect.stringMatching(
        /size=4k, a memory file system, can't take the text \(ENOSPC\)\n {2}why: .*\n {2}do: {2}/,
      ),
    })
    expect(readdirSync(full)).toEqual(['page'])
    for (const folder of [closed, full]) run('umount', [folder])
  })

  test.each(['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)('takes the clear text away when it gets %s', async (signal) => {
    rmSync(path('open'), { force: true })
    const one = start(editor('waiting', `echo > ${path('open')}; exec sleep 30`))
    const end = ended(one)
    await until('the editor is open', () => existsSync(path('open')), 20)
    expect(left(one.pid)).toHaveLength(1)
    const [folder = ''] = left(one.pid)
    expect(statSync(join('/dev/shm', folder)).mode & 0o777).toBe(0o700)
    one.kill(signal)
    await until('keel has ended', () => one.signalCode !== null || one.exitCode !== null, 20)
    expect(left(one.pid)).toEqual([])
    one.stdout?.destroy()
    one.stderr?.destroy()
    expect((await end.catch(() => ({ end: signal }))).end).toBe(signal)
  })

  test('takes away what a killed one has left', async () => {
    rmSync(path('open'), { force: true })
    const one = start(editor('killed', `echo > ${path('open')}; exec sleep 30`))
    await until('the editor is open', () => existsSync(path('open')), 20)
    one.kill('SIGKILL')
    await until('keel has ended', () => one.signalCode !== null, 20)
    expect(left(one.pid)).toHaveLength(1)
    await edit('true')
    expect(left(one.pid)).toEqual([])
  })
})

/** keel at a terminal, with a locked key beside the admin's own. */
const atTerminal = (argv: string, answers: readonly Answer[], env: Record<string, string> = {}) =>
  typed(
    `exec '${process.execPath}' '${path('main.mjs')}' ${argv} -i '${path('locked')}' -i '${path('me')}'`,
    { cwd: inventory, env: { PATH: process.env.PATH, HOME: root, ...env } },
    answers,
  )

describe('on a terminal', () => {
  test.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('%s at the question for a passphrase interrupts keel, which tries no other key', async (_, pressed) => {
    const { screen, end, left } = await atTerminal('secret show own', [['/locked:', pressed]])
    expect({ end, left }, screen).toEqual({ end: 130, left: [] })
    expect(screen).toMatch(/keel: interrupted\s+$/)
  })

  test('a wrong passphrase is in the way of no other key, and Ctrl-D at the question for a value sets none', async () => {
    const before = encrypted()
    const shown = await atTerminal('secret show own', Array(3).fill(['/locked:', '\n']))
    expect(shown, shown.screen).toMatchObject({ end: 0, left: [] })
    expect(shown.screen.endsWith(`/locked: \r\n${(await value()).trim()}\r\n`), shown.screen).toBe(true)
    const set = await atTerminal('secret edit own', [['/locked:', '\x04']])
    expect(set, set.screen).toMatchObject({ end: 130, left: [] })
    expect(encrypted()).toEqual(before)
  })

  test('Ctrl-C is the editor’s while it runs: what it keeps is taken', async () => {
    writeFileSync(path('phrase'), 'a passphrase\n')
    const EDITOR = editor('deaf', `trap 'echo heard' INT; echo open; until read a; do :; done; echo "kept $a" > "$1"`)
    const typing: readonly Answer[] = [
      ['open', '\x03'],
      ['heard', '\x03'],
      ['heard', 'text\n'],
    ]
    const { screen, end, left } = await atTerminal('secret edit own', typing, {
      EDITOR,
      KEEL_PASSPHRASE_FILE: path('phrase'),
    })
    expect({ end, left }, screen).toEqual({ end: 0, left: [] })
    expect(await value()).toBe('kept text\n')
  })
})
