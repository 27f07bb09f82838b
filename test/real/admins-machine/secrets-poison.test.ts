import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
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
import { ownStateFile } from '../../../src/files/own-state.ts'
import { keel } from '../../support/keel/keel-in-process.ts'
import { traced } from '../../support/lab/exec-trace.ts'
import { found, wantedForms } from '../../support/secrets/secret-hunt.ts'
import { newKey, run } from '../../support/secrets/secret-keys.ts'

/**
 * A planted value, a private key and its passphrase are nowhere but where they belong, whatever verb handles them and
 * however it ends: not in the argv or environment of any program, not in what is printed, not in a file that stays.
 * Hosts are hunted in test/e2e/secrets-hunt.test.ts.
 */
const root = mkdtempSync(join(tmpdir(), 'keel-poison-'))
afterAll(() => rmSync(root, { recursive: true }))
const path = (name: string) => join(root, name)
const child = new URL('faulty-child.ts', import.meta.url).pathname
const outdir = 'node_modules/.cache/keel-poison'
const cli = new URL(`../../../${outdir}/cli.js`, import.meta.url).pathname

const [value, passphrase] = [randomBytes(24).toString('hex'), randomBytes(24).toString('hex')]
let wanted: ReturnType<typeof wantedForms>

beforeAll(async () => {
  await bundle(outdir)
  // few rounds: keel opens the key in each of some hundred runs
  run('ssh-keygen', ['-q', '-t', 'ed25519', '-a', '1', '-N', passphrase, '-C', '', '-f', path('key')])
  writeFileSync(path('phrase'), `${passphrase}\n`)
  writeFileSync(path('value'), value)
  const key = readFileSync(path('key'), 'utf8')
  writeFileSync(path('poison'), [value, passphrase, key].join('\n'))
  wanted = wantedForms({ 'the value': value, 'the passphrase': passphrase, 'the private key': key })
  writeFileSync(
    path('main.mjs'),
    `const { main } = await import(${JSON.stringify(cli)}); process.exitCode = await main(process.argv.slice(2))\n`,
  )
  const host = `name=ocean,address=root@127.0.0.1:1,hostKey=${newKey('ssh-ed25519').recipient}`
  expect(
    (await keel(root, ['init', 'original', '--yes', '--admin', `me=${path('key.pub')}`, '--host', host])).exit,
  ).toBe(0)
  const secrets = join(path('original'), 'secrets.ts')
  writeFileSync(
    secrets,
    readFileSync(secrets, 'utf8').replace('secrets: {', "secrets: { own: { readers: ['admins'] },"),
  )
  expect((await keel(path('original'), ['secret', 'set', 'own'], value)).exit).toBe(0)
})

interface Verb {
  readonly name: string
  readonly argv: readonly string[]
  readonly stdin?: string
  readonly EDITOR?: string
  /** Another reader, so that there is something to do. */
  readonly widened?: boolean
  /** Its output is the value. */
  readonly prints?: boolean
  /** It sees no clear text. */
  readonly encryptedOnly?: boolean
  readonly exit?: number
}

const mine = ['-i', path('key')]
const verbs: readonly Verb[] = [
  { name: 'secret set', argv: ['secret', 'set', 'own'], stdin: value },
  {
    name: 'secret set, of a token that is none',
    argv: ['secret', 'set', 'k3s-server-token'],
    stdin: `K10${value}`,
    exit: 2,
  },
  { name: 'secret import', argv: ['secret', 'import', 'own', '--from-stdin'], stdin: value },
  { name: 'secret show', argv: ['secret', 'show', 'own', ...mine], prints: true },
  { name: 'secret edit', argv: ['secret', 'edit', 'own', ...mine], EDITOR: 'sed -i s/$/more/' },
  { name: 'secret ls', argv: ['secret', 'ls', '--json'], encryptedOnly: true },
  { name: 'rekey', argv: ['rekey', ...mine], widened: true },
  { name: 'render', argv: ['render'], encryptedOnly: true },
  { name: 'init --from-agenix', argv: ['init', '../taken', '--yes', '--from-agenix', 'secrets.nix', ...mine], exit: 0 },
]

const looking: Verb = { name: '', argv: ['secret', 'edit', 'own', ...mine] }

/**
 * How it fails, and after which share of the calls that may fail. The first ones are those that load the inventory: there
 * keel knows no value yet, and tells what the inventory's own code throws.
 */
const faults = [
  ['throw', 0.35],
  ['throw', 0.5],
  ['throw', 0.8],
  ['throw', 1],
  ['uncaught', 0.5],
  ['uncaught', 0.9],
  ['unhandled', 0.7],
  ['report', 0.8],
  ['abort', 0.8],
] as const

interface End {
  readonly pid: number | undefined
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** Whatever it left. */
  readonly folder: string
}

let folders = 0

async function runVerb({ argv, stdin = '', EDITOR = 'true', widened }: Verb, before: readonly string[]): Promise<End> {
  const folder = path(`run-${folders++}`)
  mkdirSync(join(folder, 'tmp'), { recursive: true })
  cpSync(path('original'), join(folder, 'inventory'), { recursive: true })
  if (argv[0] === 'init') expect((await keel(join(folder, 'inventory'), ['render'])).exit).toBe(0)
  if (widened) {
    const file = join(folder, 'inventory/secrets.ts')
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('admins: {', `admins: { more: '${newKey('age1').recipient}',`),
    )
  }
  const [program = '', ...args] = [...before, ...argv]
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    TMPDIR: join(folder, 'tmp'),
    EDITOR,
    KEEL_PASSPHRASE_FILE: path('phrase'),
    NODE_OPTIONS: `--no-warnings --report-uncaught-exception --report-on-fatalerror --report-exclude-network --report-directory=${folder}`,
  }
  const running = spawn(program, args, { cwd: join(folder, 'inventory'), env })
  running.stdin.on('error', () => undefined)
  running.stdin.end(stdin)
  const code = new Promise<number | null>((resolve) => running.once('close', resolve))
  const [out, err] = await Promise.all([text(running.stdout), text(running.stderr)])
  return { pid: running.pid, code: await code, out, err, folder }
}

/** Where something is that is hunted. */
function leaks({ out, err, folder, pid }: End, { prints }: Verb): readonly string[] {
  const said = found(wanted, prints ? err : out + err).map((what) => `printed: ${what}`)
  const files = [folder, ...editedBy(pid)].flatMap(filesBelow)
  return [
    ...said,
    ...files.flatMap((file) => found(wanted, readFileSync(file, 'latin1')).map((what) => `${file}: ${what}`)),
  ]
}

/** Where `secret edit` keeps the clear text while the editor is open. */
function editedBy(pid: number | undefined): string[] {
  const mine = readdirSync('/dev/shm').filter((name) => name.startsWith(`keel-edit-${pid}-`))
  return mine.map((name) => join('/dev/shm', name))
}

function filesBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
  return names.filter((name) => existsSync(name) && statSync(name).isFile())
}

const faulty = (kind: string, n: number) => [process.execPath, child, cli, path('poison'), kind, String(n)]

describe.each(verbs)('$name', (verb) => {
  test('under strace: nothing in an argv, in an environment, in what is printed or left', async () => {
    const trace = path(`trace-${folders}`)
    const calls = 'execve,execveat,openat,open,creat'
    const end = await runVerb(verb, [...traced(trace, calls), process.execPath, path('main.mjs')])
    expect(end.code, end.err).toBe(verb.exit ?? 0)
    if (verb.prints) expect(end.out).toBe(value)
    expect(leaks(end, verb)).toEqual([])
    const traceText = readFileSync(trace, 'latin1')
    expect(found(wanted, traceText)).toEqual([])
    // in clear it is in memory only: what else is written is the inventory, and for whom files are encrypted
    const readers = ownStateFile('encrypted-to')
    if (existsSync(readers)) expect(found(wanted, readFileSync(readers, 'latin1'))).toEqual([])
    const written = traceText
      .split('\n')
      .flatMap((line) => (/O_WRONLY|O_RDWR|O_CREAT|creat\(/.test(line) ? (/"([^"]*)"/.exec(line)?.[1] ?? line) : []))
    expect(
      written.filter((file) => !/^\/dev\//.test(file) && file !== readers && !file.startsWith(end.folder)),
    ).toEqual([])
    rmSync(end.folder, { recursive: true })
  })

  test.runIf(!verb.encryptedOnly)(
    'with a fault that nobody foresaw, anywhere in it: nothing of it is printed or left',
    async () => {
      const whole = await runVerb(verb, faulty('none', 0))
      expect(whole.code, whole.err).toBe(verb.exit ?? 0)
      const calls = Number(whole.err.slice(whole.err.lastIndexOf('\n') + 1))
      expect(calls).toBeGreaterThan(3)
      let bugs = 0
      const one = async ([kind, share]: (typeof faults)[number]) => {
        const n = Math.ceil(share * calls)
        const end = await runVerb(verb, faulty(kind, n))
        // nobody outlives it who could: the next edit takes the text away
        if (kind === 'abort' && editedBy(end.pid).length > 0)
          rmSync((await runVerb(looking, faulty('none', 0))).folder, { recursive: true })
        expect(leaks(end, verb), `${kind} at call ${n} of ${calls}: ${end.err}`).toEqual([])
        if (end.err.includes('a bug in keel (TypeError)')) bugs++
        rmSync(end.folder, { recursive: true })
      }
      const left = [...faults]
      await Promise.all(
        [1, 2].map(async () => {
          for (let next = left.shift(); next !== undefined; next = left.shift()) await one(next)
        }),
      )
      // the faults come through to where keel prints what it did not foresee
      expect(bugs).toBeGreaterThan(2)
    },
  )
})

describe('the same hunt finds what leaks', () => {
  test('through an editor that hands the value to a program of 5 ms, prints it, keeps it', async () => {
    const verb = {
      name: '',
      argv: ['secret', 'edit', 'own', ...mine],
      EDITOR: `sh -c 'v=$(cat "$1"); sh -c "sleep 0.005" "$v"; echo "$v"; echo "$v" > "$TMPDIR/kept"' editor`,
    }
    const trace = path('trace-leak')
    const end = await runVerb(verb, [...traced(trace), process.execPath, path('main.mjs')])
    expect(found(wanted, readFileSync(trace, 'latin1'))).toEqual(['the value'])
    expect(leaks(end, verb)).toEqual(['printed: the value', `${join(end.folder, 'tmp/kept')}: the value`])
  })

  test('in what Node prints of an error that keel does not catch', async () => {
    const verb = { name: '', argv: [] }
    writeFileSync(
      path('loud.mjs'),
      `import fs from 'node:fs'; throw new Error(fs.readFileSync(${JSON.stringify(path('poison'))}, 'utf8'))`,
    )
    expect(
      leaks(await runVerb(verb, [process.execPath, path('loud.mjs')]), verb).map((leak) =>
        leak.replace(/^.*report\./, 'report.'),
      ),
    ).toEqual([
      'printed: the value',
      'printed: the passphrase',
      'printed: the private key',
      expect.stringMatching(/^report\..*the value/),
      expect.stringMatching(/^report\..*the passphrase/),
      expect.stringMatching(/^report\..*the private key/),
    ])
  })
})
