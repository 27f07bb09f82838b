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
import { bundle } from '../../scripts/bundle.ts'
import { newKey } from '../fast/secrets/keys.ts'
import { keel } from '../support/keel-in-process.ts'

/** `secret edit` with real editors, in a process of its own: it is told to end, and killed. */
const root = mkdtempSync(join(tmpdir(), 'keel-edit-test-'))
const path = (name: string) => join(root, name)
const inventory = path('inventory')
const outdir = 'node_modules/.cache/keel-edit'
const cli = new URL(`../../${outdir}/cli.js`, import.meta.url).href
afterAll(() => rmSync(root, { recursive: true }))

const me = newKey('ssh-ed25519')
beforeAll(async () => {
  await bundle(outdir)
  const host = `name=ocean,address=root@127.0.0.1:1,hostKey=${newKey('ssh-ed25519').recipient}`
  expect((await keel(root, ['init', 'inventory', '--yes', '--admin', `me=${me.recipient}`, '--host', host])).exit).toBe(0)
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
    new Promise<number | NodeJS.Signals | null>((resolve) => one.once('close', (code, signal) => resolve(signal ?? code))),
  ])
  return { out, err, end }
}

const edit = (EDITOR: string, env?: Record<string, string>) => ended(start(EDITOR, env))
const left = (pid: number | undefined) => readdirSync('/dev/shm').filter((name) => name.startsWith(`keel-edit-${pid}-`))
const value = async () => (await keel(inventory, ['secret', 'show', 'own', '-i', path('me')])).out
const encrypted = () => readFileSync(join(inventory, 'secrets/own.age'))

async function until(what: () => boolean): Promise<void> {
  const patience = Date.now() + 20_000
  while (!what()) {
    if (Date.now() > patience) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

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
    expect(await edit(busy)).toMatchObject({ end: 1, err: expect.stringContaining('was changed while keel was at work') })
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

  test.each(['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)('takes the clear text away when it gets %s', async (signal) => {
    rmSync(path('open'), { force: true })
    const one = start(editor('waiting', `echo > ${path('open')}; exec sleep 30`))
    const end = ended(one)
    await until(() => existsSync(path('open')))
    expect(left(one.pid)).toHaveLength(1)
    const [folder = ''] = left(one.pid)
    expect(statSync(join('/dev/shm', folder)).mode & 0o777).toBe(0o700)
    one.kill(signal)
    await until(() => one.signalCode !== null || one.exitCode !== null)
    expect(left(one.pid)).toEqual([])
    one.stdout?.destroy()
    one.stderr?.destroy()
    expect((await end.catch(() => ({ end: signal }))).end).toBe(signal)
  })

  test('takes away what a killed one has left', async () => {
    rmSync(path('open'), { force: true })
    const one = start(editor('killed', `echo > ${path('open')}; exec sleep 30`))
    await until(() => existsSync(path('open')))
    one.kill('SIGKILL')
    await until(() => one.signalCode !== null)
    expect(left(one.pid)).toHaveLength(1)
    await edit('true')
    expect(left(one.pid)).toEqual([])
  })
})
