import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { constants, cpSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { bundle } from '../../../scripts/bundle.ts'
import { BASE } from '../../fast/inventory/variant.ts'
import { until } from '../../support/until.ts'

/** SIGINT, SIGTERM and SIGHUP end keel within two seconds, whatever it is at. */

const outdir = 'node_modules/.cache/keel-signals'
const cli = new URL(`../../../${outdir}/cli.js`, import.meta.url).pathname
const root = mkdtempSync(join(tmpdir(), 'keel-signals-'))
const silent = createServer()
let port = 0

beforeAll(async () => {
  await bundle(outdir)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(() => {
  silent.close()
  rmSync(root, { recursive: true, force: true })
})

interface At {
  /** Put behind the imports of a host's file; `REACHED` says that keel has got there. */
  readonly code?: string
  readonly argv: readonly string[]
  /** Settles when keel has got there, where no code of the inventory's can say so. */
  readonly reached?: (child: ChildProcessWithoutNullStreams, directory: string) => Promise<unknown>
  readonly files?: Readonly<Record<string, string>>
}

/** More than a pipe holds: gone when keel reads. */
const takesStdin = ({ stdin }: ChildProcessWithoutNullStreams) =>
  new Promise((resolve) => {
    stdin.on('error', () => undefined)
    stdin.write(Buffer.alloc(1 << 20), resolve)
  })

/** Somebody has opened the pipe, and gets nothing from it. */
async function readerOf(pipe: string): Promise<void> {
  for (;;) {
    try {
      openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
      return
    } catch {
      await sleep(20)
    }
  }
}

const aServerIsAsked = () => new Promise((resolve) => silent.once('connection', resolve))
const stories: Readonly<Record<string, At>> = {
  'an endless loop in a TypeScript file': { code: 'REACHED; for (;;) {}', argv: ['plan'] },
  'a regular expression without end': {
    code: "REACHED; /^(a+)+$/.test('a'.repeat(60) + 'b')",
    argv: ['rekey', '--check'],
  },
  'a promise that never settles': {
    code: 'setInterval(() => {}, 1e6); REACHED; await new Promise(() => {})',
    argv: ['render'],
  },
  'an endless loop, for pin': { code: 'REACHED; while (true) {}', argv: ['pin'] },
  'a value that nobody gives on stdin': { argv: ['secret', 'set', 'k3s-server-token'], reached: takesStdin },
  'a release server that does not answer': {
    argv: ['pin', '--releases', 'http://127.0.0.1:PORT'],
    reached: aServerIsAsked,
  },
  'a secrets.nix that never ends': {
    argv: ['init', '-y', 'new', '--from-agenix', 'endless.nix'],
    files: { 'endless.nix': '{ "x".publicKeys = import ./pipe.nix; }' },
    reached: (_child, directory) => readerOf(join(directory, 'pipe.nix')),
  },
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const runs = Object.entries(stories).flatMap(([name, at], index) =>
  // each costs a second: one signal is as good as the other
  signals
    .filter((_signal, nth) => index < 2 || nth === index % signals.length)
    .map((signal) => [signal, name, at] as const),
)

test.each(runs)(
  'attack 11: %s ends keel at %s',
  async (signal, _name, { code, argv, reached, files = {} }) => {
    const directory = mkdtempSync(join(root, 'inventory-'))
    cpSync(BASE, directory, { recursive: true })
    const marker = join(directory, 'reached')
    const mark = `(await import('node:fs')).writeFileSync(${JSON.stringify(marker)}, '')`
    if (code !== undefined) writeFileSync(join(directory, 'hosts/a/host.ts'), code.replace('REACHED', mark))
    for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text)
    execFileSync('mkfifo', [join(directory, 'pipe.nix')])
    const run = `const { main } = await import(${JSON.stringify(cli)}); process.exitCode = await main(${JSON.stringify(argv.map((each) => each.replace('PORT', `${port}`)))})`
    const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', run], {
      cwd: directory,
      env: { ...process.env, HOME: root },
      stdio: 'pipe',
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let said = ''
    child.stderr.on('data', (part: Buffer) => {
      said += part.toString()
    })
    const ended = new Promise<{ code: number | null; by: string | null }>((resolve) => {
      child.once('exit', (code, by) => resolve({ code, by }))
    })
    if (reached !== undefined) await reached(child, directory)
    else while (!existsSync(marker) && child.exitCode === null) await sleep(20)
    expect([child.exitCode, said]).toEqual([null, ''])
    const sent = performance.now()
    child.kill(signal)
    const end = await ended
    expect(performance.now() - sent).toBeLessThan(2000)
    expect([signal, null]).toContain(end.by)
    if (end.by === null) expect(end.code).toBe(130)
  },
  30_000,
)

test('attack 11: a terminal that is closed takes no output, and keel still undoes what it must', async () => {
  const folder = mkdtempSync(join(root, 'terminal-'))
  const [main, undone] = [join(folder, 'main.mjs'), join(folder, 'undone')]
  const processIo = new URL('../../../src/ui/process-io.ts', import.meta.url).href
  writeFileSync(
    main,
    `import { writeFileSync } from 'node:fs'
const { processIo } = await import(${JSON.stringify(processIo)})
const io = processIo(false)
const draw = setInterval(() => { io.stderr.write('.'); io.stdout.write('.') }, 20)
io.signal.addEventListener('abort', () => setTimeout(() => { writeFileSync(${JSON.stringify(undone)}, ''); clearInterval(draw) }, 300))
io.note('ready')
`,
  )
  const command = `exec '${process.execPath}' --no-warnings '${main}'`
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
  let screen = ''
  for await (const chunk of terminal.stdout) {
    screen += chunk
    if (screen.includes('ready')) break
  }
  terminal.kill('SIGKILL')
  await until('keel has undone it', () => existsSync(undone), 10)
})
