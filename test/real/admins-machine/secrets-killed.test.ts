import { spawn } from 'node:child_process'
import {
  cpSync,
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

/**
 * Every verb that writes the inventory, killed at each of its calls that change the disk: in `npm test` at a third of
 * them, another third for each verb, and at the last, because all of them take minutes; in `npm run test:long` at all.
 */
const every = process.env.KEEL_TEST_EVERY === 'yes' ? 1 : 3
const root = mkdtempSync(join(tmpdir(), 'keel-killed-'))
afterAll(() => rmSync(root, { recursive: true }))
const child = new URL('killed-child.ts', import.meta.url).pathname
const path = (name: string) => join(root, name)

const [added, ocean, luna] = [newKey('age1'), newKey('ssh-ed25519'), newKey('ssh-ed25519')]
// one that logs in as well
run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path('me')])

/** Small enough to start in a fifth of the time that the sources take. */
const outdir = 'node_modules/.cache/keel-killed'
const cli = new URL(`../../../${outdir}/cli.js`, import.meta.url).pathname

/** Runs keel in a process of its own, which dies at its n-th call. */
async function killedKeel(killAt: number, cwd: string, argv: readonly string[], stdin = '') {
  const running = spawn(process.execPath, ['--no-warnings', child, cli, String(killAt), ...argv], {
    cwd,
    env: {
      ...process.env,
      HOME: root,
      EDITOR: `sh -c 'printf some-password > "$1"' editor`,
      // what V8 has compiled for one, the hundreds after it need not compile
      NODE_COMPILE_CACHE: path('compile-cache'),
    },
  })
  // one that is killed reads no more
  running.stdin.on('error', () => undefined)
  running.stdin.end(stdin)
  const [out, err, end] = await Promise.all([
    text(running.stdout),
    text(running.stderr),
    new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      running.once('close', (code, signal) => resolve({ code, signal }))
    }),
  ])
  return { ...end, pid: running.pid, out, err, calls: Number(err.slice(err.lastIndexOf('\n') + 1)) }
}

/** Every file and folder of the inventory, with its bytes. */
function tree(folder: string): Record<string, string> {
  if (!existsSync(folder)) return { '.': 'nothing' }
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    // copies of the package's own files for editors, which git does not see and the bundle here has not beside it
    .filter((name) => !/(^|\/)\.keel\/[^.]/.test(name))
    .sort()
  return Object.fromEntries(
    names.map((name) => {
      const file = join(folder, name)
      return [name, statSync(file).isDirectory() ? 'folder' : readFileSync(file).toString('base64')]
    }),
  )
}

const init = (folder: string) => [
  'init',
  folder,
  '--yes',
  '--admin',
  `me=${path('me.pub')}`,
  '--host',
  `name=ocean,address=root@127.0.0.1:1,nodeIP=10.0.0.1,hostKey=${ocean.recipient}`,
]

beforeAll(async () => {
  await bundle(outdir)
  expect((await keel(root, init('original'))).exit).toBe(0)
})

interface Story {
  readonly name: string
  readonly argv: readonly string[]
  readonly stdin?: string
  /** Makes the start in a folder; undefined: the inventory as init made it. */
  readonly start?: (folder: string) => void
  /** What a finished run ends with. */
  readonly exit: number
  /** The next command, which finishes or undoes. */
  readonly next: readonly string[]
  /** Which of the files say that the change is done; undefined where every file is the same each time. */
  readonly isNew: (files: Record<string, string>, before: Record<string, string>) => boolean
  /** A change that is taken back when it can't be used: both ends are the old set, and the new one is between. */
  readonly takenBack?: boolean
}

const secrets = ['k3s-agent-token', 'k3s-server-ca-key', 'k3s-server-token'].map((name) => `secrets/${name}.age`)
const changed = (files: Record<string, string>, before: Record<string, string>, ...names: string[]) =>
  names.every((name) => files[name] !== before[name])

/** Of those that may change something, and so finish or undo first; this one then leaves the secret as it is. */
const touches = ['secret', 'edit', 'k3s-agent-token', '-i', path('me')]

const stories: readonly Story[] = [
  {
    name: 'rekey, to a reader whose name needs the record',
    argv: ['rekey', '-i', path('me')],
    start: (folder) => {
      const file = join(folder, 'secrets.ts')
      writeFileSync(file, readFileSync(file, 'utf8').replace('admins: {', `admins: { added: '${added.recipient}',`))
    },
    exit: 0,
    next: touches,
    isNew: (files, before) => changed(files, before, ...secrets, 'secrets/recipients.json'),
  },
  {
    name: 'secret set',
    argv: ['secret', 'set', 'k3s-server-token'],
    stdin: 'some-password',
    exit: 0,
    next: touches,
    isNew: (files, before) => changed(files, before, 'secrets/k3s-server-token.age'),
  },
  {
    name: 'secret import',
    argv: ['secret', 'import', 'k3s-agent-token', '--from-stdin'],
    stdin: 'some-password',
    exit: 0,
    next: touches,
    isNew: (files, before) => changed(files, before, 'secrets/k3s-agent-token.age'),
  },
  {
    name: 'secret edit',
    argv: ['secret', 'edit', 'k3s-server-token', '-i', path('me')],
    exit: 0,
    next: touches,
    isNew: (files, before) => changed(files, before, 'secrets/k3s-server-token.age'),
  },
  {
    name: 'render',
    argv: ['render'],
    exit: 0,
    next: touches,
    isNew: (files) => 'secrets.nix' in files,
  },
  {
    name: 'init, in a new folder',
    argv: init('new'),
    start: (folder) => rmSync(folder, { recursive: true }),
    exit: 0,
    next: init('new'),
    isNew: (files) => 'secrets.ts' in files,
  },
  {
    name: 'init, in an empty git repository',
    argv: init('.'),
    start: (folder) => {
      rmSync(folder, { recursive: true })
      mkdirSync(join(folder, '.git'), { recursive: true })
      writeFileSync(join(folder, '.git/HEAD'), 'ref: refs/heads/main\n')
    },
    exit: 0,
    next: init('.'),
    isNew: (files) => 'secrets.ts' in files,
  },
  {
    name: 'add-node, of a host that does not answer',
    argv: [
      'add-node',
      'luna',
      '--address',
      'root@127.0.0.1:2',
      '--node-ip',
      '10.0.0.2',
      '--host-key',
      luna.recipient,
      '-i',
      path('me'),
    ],
    start: (folder) => writeFileSync(join(folder, 'keel.lock.json'), lockFor()),
    exit: 6,
    next: touches,
    isNew: (files) => 'hosts/luna/host.ts' in files,
    takenBack: true,
  },
]

/** A pinned artifact that nobody fetches: the host is not reached. */
function lockFor(): string {
  const version = /version: '([^']+)'/.exec(readFileSync(path('original/hosts/cluster.ts'), 'utf8'))?.[1] ?? ''
  const artifact = { url: 'https://192.0.2.1/k3s', sha256: '0'.repeat(64) }
  return JSON.stringify({ format: 1, artifacts: { k3s: { [version]: { amd64: artifact } } } })
}

describe.each(stories)('$name', ({ argv, stdin, start, exit, next, isNew, takenBack }) => {
  const initial = argv[0] === 'init'
  const inNew = argv[1] === 'new'
  /** What the story changes: for an init in a new folder, all around it. */
  const prepare = (name: string) => {
    const folder = path(name)
    if (inNew) mkdirSync(folder)
    else {
      cpSync(path('original'), folder, { recursive: true })
      start?.(folder)
    }
    return folder
  }

  test('killed at any call that changes the disk: the old set or the new one, and after the next run no debris', async () => {
    const complete = prepare('complete')
    const whole = await killedKeel(0, complete, argv, stdin)
    expect(whole.code, whole.err).toBe(exit)
    const { calls } = whole
    expect(calls).toBeGreaterThan(10)
    const shape = Object.keys(tree(complete))
    const seen = { old: 0, new: 0, said: 0 }
    const one = async (call: number) => {
      const folder = prepare(`killed-${call}`)
      const before = tree(folder)
      const killed = await killedKeel(call, folder, argv, stdin)
      expect(killed.signal, `call ${call}: ${killed.err}`).toBe('SIGKILL')
      const wasWhole = initial && existsSync(join(folder, inNew ? 'new/secrets.ts' : 'secrets.ts'))
      const after = await keel(folder, next, '', { env: { HOME: root, PATH: process.env.PATH, EDITOR: 'true' } })
      expect(readdirSync('/dev/shm').filter((name) => name.startsWith(`keel-edit-${killed.pid}-`))).toEqual([])
      if (/an interrupted change of the inventory was (finished|undone)/.test(after.err)) seen.said++
      const files = tree(folder)
      if (initial) {
        // the next init makes it, or finds it made; either way it is whole
        expect(after.exit, after.err).toBe(wasWhole || /was finished/.test(after.err) ? 2 : 0)
        expect(Object.keys(files), `call ${call}`).toEqual(shape)
        seen[after.exit === 0 ? 'old' : 'new']++
      } else if (isNew(files, before)) {
        seen.new++
        expect(
          Object.keys(files)
            .filter((name) => !(name in before))
            .sort(),
          `call ${call}`,
        ).toEqual(takenBack ? ['hosts/luna', 'hosts/luna/host.ts'] : shape.filter((name) => !(name in before)))
      } else {
        seen.old++
        expect(files, `call ${call}`).toEqual(before)
      }
      if (!initial)
        expect((await keel(folder, ['rekey', '--check'])).out, `call ${call}`).toMatch(
          isNew(files, before) || !start || takenBack ? /3 of 3 secrets are up to date/ : /0 of 3/,
        )
      rmSync(folder, { recursive: true })
    }
    const offset = (1 + stories.findIndex((story) => story.argv === argv)) % every
    const numbers = Array.from({ length: calls }, (_, index) => index + 1).filter(
      (call) => call % every === offset || call > calls - 3,
    )
    const tried = numbers.length
    const workers = Array.from({ length: 2 }, async () => {
      for (let call = numbers.shift(); call !== undefined; call = numbers.shift()) await one(call)
    })
    await Promise.all(workers)
    console.log(
      `${argv.slice(0, 2).join(' ')}: killed at ${tried} of ${calls} calls: ${seen.old} times the old set, ${seen.new} times the new one; ${seen.said} times the next run said what it had to do`,
    )
    rmSync(complete, { recursive: true })
    expect(seen.old).toBeGreaterThan(3)
    expect(seen.new).toBeGreaterThan(0)
    expect(seen.said).toBeGreaterThan(0)
  }, 900_000)
})
