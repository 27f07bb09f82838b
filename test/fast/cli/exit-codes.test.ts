import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../../src/cli.ts'
import { generateKeyPair } from '../../../src/lab/host/ssh-keys.ts'
import { plainText } from '../../../src/model/text/styled-text.ts'
import type { Io } from '../../../src/ui/io.ts'
import { RunRecord } from '../../../src/ui/run/run-record.ts'
import { checkOutput } from '../../support/keel/valid-output.ts'
import { elfProgram } from '../../support/samples/elf.ts'

const home = mkdtempSync(join(tmpdir(), 'keel-exit-'))
const at = (...path: string[]) => join(home, ...path)
let port = 0

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** One command line of keel, in this process: no terminal, an admin with a key, nobody's hosts. */
async function keel(
  args: readonly string[],
  options: { cwd?: string; input?: string; signal?: AbortSignal; onPrint?: () => void } = {},
): Promise<Ended> {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()]
  stdin.end(options.input ?? '')
  const io: Io = {
    cwd: options.cwd ?? at('inventory'),
    env: { HOME: home, KEEL_LAB_STATE: at('labs'), PATH: process.env.PATH },
    stdin,
    stdout,
    stderr,
    print: (value) => {
      stdout.write(typeof value === 'string' ? `${value}\n` : `${JSON.stringify(value)}\n`)
      options.onPrint?.()
    },
    note: (line) => void stderr.write(`${line}\n`),
    complain: (line) => void stderr.write(`${line}\n`),
    show: (lines, stream = 'stdout') => void { stdout, stderr }[stream].write(`${plainText(lines)}\n`),
    colors: { stdout: false, stderr: false },
    ask: async () => undefined,
    signal: options.signal ?? new AbortController().signal,
    now: () => new Date('2026-11-29T09:00:00Z'),
    run: new RunRecord(),
  }
  const code = await main(args, io)
  stdout.end()
  stderr.end()
  const printed = { stdout: await text(stdout), stderr: await text(stderr) }
  checkOutput(args, printed.stdout, code)
  return { code, ...printed }
}

/** A port of this machine on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

beforeAll(async () => {
  mkdirSync(at('.ssh'))
  mkdirSync(at('empty'))
  const admin = generateKeyPair()
  writeFileSync(at('.ssh/id_ed25519'), admin.private, { mode: 0o600 })
  writeFileSync(at('.ssh/id_ed25519.pub'), admin.public)
  writeFileSync(at('stranger'), generateKeyPair().private, { mode: 0o600 })
  writeFileSync(at('k3s'), elfProgram())
  writeFileSync(at('page'), '<html>404</html>')
  port = await closedPort()
  const ocean = `name=ocean,address=root@127.0.0.1:${port},hostKey=${generateKeyPair().public},nodeIP=10.0.0.1`
  const maia = `name=maia,address=root@127.0.0.2:${port},nodeIP=10.0.0.2`
  const made = await keel(['init', at('inventory'), '--yes', '--host', ocean, '--host', maia], { cwd: home })
  expect(made, made.stderr).toMatchObject({ code: 0 })
})
afterAll(() => rmSync(home, { recursive: true }))

type Row = readonly [line: string, code: number, says: RegExp]

/**
 * In this order: later rows depend on what earlier ones made. HOME is the admin's folder, PORT a closed port, KEY a
 * host key.
 */
const rows: readonly Row[] = [
  ['--version', 0, /^\d+\.\d+\.\d+/],
  ['--help', 0, /add-node/],
  ['deploy --help', 0, /--patience/],
  ['', 2, /Usage: keel/],
  ['depoly', 2, /^keel: no such verb: depoly[\s\S]*deploy/],
  ['plan --color sometimes', 2, /'sometimes' is invalid\. Allowed choices are auto, always, never/],
  ['plan --no-such-option', 2, /unknown option '--no-such-option'/],
  ['lab', 2, /Usage: keel lab/],
  ['secret shwo x', 2, /^keel: no such verb: secret shwo/],
  ['completion sh', 2, /no completion for sh\n {2}do: {2}choose one of bash, zsh, fish/],
  ['plan -C HOME/empty', 2, /secrets\.ts|no inventory/],

  ['init HOME/inventory --yes', 2, /the folder already has an inventory/],
  ['init HOME/empty --yes', 2, /--host/],
  ['init HOME/empty --yes --lab nobody', 2, /no lab "nobody" is up/],

  ['plan ocaen', 2, /no host ocaen[\s\S]*did you mean ocean\?/],
  ['deploy ocaen', 2, /did you mean ocean\?/],
  ['render --out HOME/out ocaen', 2, /did you mean ocean\?/],
  ['deploy maia', 2, /keel add-node maia/],
  ['deploy ocean --parallel 0', 2, /--parallel: 0[\s\S]*whole number/],
  ['deploy ocean --exit-code', 2, /--exit-code: no --dry-run[\s\S]*keel plan --exit-code/],
  ['deploy ocean --patience soon', 2, /--patience: soon/],
  [
    'plan ocean',
    2,
    /keel\.lock\.json: no k3s [\s\S]*keel compares and installs k3s by its hash in this file[\s\S]*keel pin/,
  ],

  ['pin --file riscv=HOME/k3s', 2, /amd64=PATH/],
  ['pin --releases http://127.0.0.1:PORT', 1, /127\.0\.0\.1/],
  ['pin --file amd64=HOME/page', 2, /no program: a web page/],
  ['pin --file arm64=HOME/k3s', 2, /a program for amd64/],
  ['pin --file amd64=HOME/k3s', 0, /amd64/],
  ['pin --file amd64=HOME/k3s', 0, /nothing changed/],
  ['render', 0, /secrets\.nix: 3 secrets/],
  ['render --out HOME/out', 0, /ocean: \d+ files/],

  ['plan ocean', 6, /port \d+ refuses connections/],
  ['plan ocean --json --exit-code', 6, /port \d+ refuses connections/],
  ['deploy ocean', 6, /port \d+ refuses connections/],
  ['deploy ocean --json', 6, /port \d+ refuses connections/],

  ['init HOME/x --yes --admin KEY --host name=a,addr=1.2.3.4', 2, /unknown key 'addr'; did you mean 'address'\?/],
  ['init HOME/x --yes --admin KEY --host name=a,address=x,role=server,role=agent', 2, /role is given twice/],
  ['add-node', 2, /missing required argument 'name'/],
  ['add-node ocean --address root@10.0.0.9', 2, /keel deploy ocean/],
  ['add-node vega', 2, /--address/],
  ['add-node vega --address root@127.0.0.1:PORT --role boss', 2, /choose one of server, agent/],
  ['add-node Vega --address root@127.0.0.1:PORT --host-key KEY', 2, /Vega/],
  ['add-node vega --address root@127.0.0.3:PORT --node-ip 10.0.0.3 --yes', 6, /refuses connections/],
  [
    'add-node vega --address root@127.0.0.3:PORT --node-ip 10.0.0.3 --host-key KEY',
    6,
    /the inventory is as it was before/,
  ],
  ['add-node maia --role server', 2, /--role: this option belongs in the file of the host/],

  ['rekey --check', 0, /3 of 3 secrets are up to date/],
  ['rekey', 0, /All 3 secrets are up to date/],
  ['secret ls', 0, /k3s-server-token/],
  [
    'secret show k3s-server-tokn',
    2,
    / {2}do: {2}did you mean 'k3s-server-token'\?\n {4}or add it to the secrets of the inventory/,
  ],
  ['secret set wifi', 2, /no secret of that name\n {2}do: {2}choose one of k3s-agent-token, [^\n]*\n {4}or add it/],
  ['secret show k3s-server-token', 0, /^K10[0-9a-f]{64}::server:/],
  ['secret show k3s-server-token -i HOME/nobody', 2, /no private key there/],
  ['secret show k3s-server-token -i HOME/stranger', 1, /none of your private keys/],
  ['secret set k3s-server-token', 2, /the value is empty/],
  ['rekey -i HOME/nobody', 0, /All 3 secrets are up to date/],

  ['lab status', 0, /no lab is up/],
  ['lab status --name nobody', 2, /no lab "nobody" is up/],
  ['lab status --name No!', 2, /lab's name/],
  ['lab up --servers many', 2, /--servers/],
  ['lab ssh --name nobody ocean', 2, /no lab "nobody" is up/],
  ['lab reboot --name nobody ocean', 2, /no lab "nobody" is up/],
]

describe('exit codes', () => {
  test.each(rows)('keel %s: %i', async (line, code, says) => {
    const key = generateKeyPair().public
    const args = line
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => word.replace('HOME', home).replace('PORT', `${port}`).replace('KEY', key))
    const ended = await keel(args, args[0] === 'init' ? { cwd: home } : {})
    expect(ended.stdout + ended.stderr).toMatch(says)
    expect(ended.code).toBe(code)
  })

  test('keel rekey --check: 3 when a reader has come', async () => {
    await keel(['pin', '--file', `amd64=${at('k3s')}`])
    const file = at('inventory/hosts/vega/host.ts')
    mkdirSync(at('inventory/hosts/vega'))
    writeFileSync(
      file,
      `import { defineHost } from 'keel'\nexport default defineHost({ os: 'debian', role: 'agent', address: 'root@10.0.0.4', hostKey: '${generateKeyPair().public}', nodeIP: '10.0.0.4' })\n`,
    )
    const stale = await keel(['rekey', '--check'])
    expect(stale).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/k3s-agent-token\.age: .*\(keel rekey\)\n.*secrets\.nix.*\n2 of 3/),
    })
    expect(await keel(['rekey', '-i', at('nobody')])).toMatchObject({ code: 2 })
    expect(await keel(['rekey'])).toMatchObject({ code: 0, stdout: expect.stringContaining('1 re-encrypted') })
    expect(await keel(['rekey', '--check'])).toMatchObject({ code: 0 })
    rmSync(at('inventory/hosts/vega'), { recursive: true })
  })

  test('130 when it is interrupted, whatever it was about to do', async () => {
    expect(await keel(['deploy', 'ocean'], { signal: AbortSignal.abort(new Error('SIGINT')) })).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('keel: interrupted'),
    })
  })

  describe('vip status, if no server answers', () => {
    const watched = new AbortController()
    beforeAll(() => {
      cpSync(at('inventory'), at('with-vip'), { recursive: true })
      const cluster = at('with-vip/hosts/cluster.ts')
      const text = readFileSync(cluster, 'utf8')
      writeFileSync(cluster, text.replace('defineCluster({', "defineCluster({ vip: { address: '10.0.0.100' },"))
    })

    test.each([[[]], [['--json']]])('%j: 6', async (options) => {
      const { code, stdout } = await keel(['vip', 'status', ...options], { cwd: at('with-vip') })
      expect(stdout).toMatch(/refuses connections/)
      expect(code).toBe(6)
    })

    test('--watch --json: a line with its time, and `end` after Ctrl-C', async () => {
      const { signal } = watched
      const ended = keel(['vip', 'status', '--watch', '--json'], {
        cwd: at('with-vip'),
        signal,
        onPrint: () => watched.abort(new Error('SIGINT')),
      })
      const { code, stdout } = await ended
      expect(code).toBe(130)
      const lines = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(lines).toEqual([
        expect.objectContaining({ time: expect.any(String), holders: [] }),
        expect.objectContaining({ time: expect.any(String), event: 'end', exit: 130 }),
      ])
    })
  })

  test.each([['secret ls --json'], ['lab status --json']])('keel %s is JSON', async (line) => {
    const { code, stdout } = await keel(line.split(' '))
    expect(code).toBe(0)
    expect(() => JSON.parse(stdout)).not.toThrow()
  })
})

const program = new URL('../../../bin/keel.js', import.meta.url).pathname

test.each(['relative', ''])(
  'XDG_CACHE_HOME=%s counts as unset: compiled code is kept in the home, and not in the working directory',
  (cache) => {
    const cwd = mkdtempSync(at('cwd-'))
    const user = mkdtempSync(at('user-'))
    spawnSync(process.execPath, [program, '--version'], { cwd, env: { HOME: user, XDG_CACHE_HOME: cache } })
    expect(readdirSync(cwd)).toEqual([])
    expect(readdirSync(join(user, '.cache/keel'))).toEqual(['compile'])
  },
)

describe('an older node', () => {
  const pretend = (version: string) => {
    const preload = at('pretend.cjs')
    writeFileSync(
      preload,
      `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`,
    )
    return spawnSync(process.execPath, ['--require', preload, program, '--version'], { encoding: 'utf8' })
  }

  test.each(['18.20.4', '20.20.2', '22.17.1'])(
    '%s: one sentence, with what was found, what is needed and what to run',
    (version) => {
      const { status, stdout, stderr } = pretend(version)
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
      expect(stderr.trim().split('\n')).toEqual([
        expect.stringMatching(`Node ${version}, keel needs 22\\.18 or newer: install Node 24`),
      ])
    },
  )
})

describe('a process of its own', () => {
  const cli = new URL('../../../src/cli.ts', import.meta.url).href
  const script = `import(${JSON.stringify(cli)}).then((cli) => cli.main(process.argv.slice(1)).then((code) => { process.exitCode = code }))`
  // node reads keel's sources in half the time when another process has done so before
  const env = { ...process.env, NODE_COMPILE_CACHE: at('compiled') }
  const spawnKeel = (args: readonly string[], stdout: 'pipe' | number = 'pipe') =>
    spawnSync(process.execPath, ['--no-warnings', '-e', script, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', stdout, 'pipe'],
      env,
    })

  test.each([
    ['waits for ever', 'export default await new Promise(() => {})'],
    ['ends the process', 'process.exit(0)'],
  ])('is not done when the inventory %s', (name, text) => {
    mkdirSync(at(name))
    writeFileSync(at(name, 'secrets.ts'), text)
    expect(spawnKeel(['rekey', '--check', '-C', at(name)])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^keel: keel ended before it was done\n {2}why: .*\n {2}do: {2}/),
    })
  })

  test('blames the inventory for a promise that failed and that it did not wait for', () => {
    const directory = at('unawaited')
    cpSync(at('inventory'), directory, { recursive: true })
    appendFileSync(join(directory, 'secrets.ts'), "\nPromise.reject(new Error('no such address'))\n")
    const line = readFileSync(join(directory, 'secrets.ts'), 'utf8').split('\n').length - 1
    expect(spawnKeel(['rekey', '--check', '-C', directory])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(`secrets.ts:${line}:16: it throws Error: no such address\n`),
    })
  })

  test('ends as other programs do when nobody reads it any more, and says nothing', () => {
    const line = [process.execPath, '--no-warnings', '-e', script, 'secret', 'ls', '-C', at('inventory')]
    // `true` has ended before keel prints
    const piped = spawnSync('bash', ['-c', '"$@" | true; echo "$PIPESTATUS"', 'bash', ...line], {
      encoding: 'utf8',
      env,
    })
    expect(piped).toMatchObject({ stdout: '141\n', stderr: '' })
  })

  test('says that stdout can’t be written to, and that what stands there is not all', () => {
    expect(spawnKeel(['secret', 'ls', '-C', at('inventory')], openSync('/dev/full', 'w'))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^keel: stdout: keel cannot write to it \(ENOSPC\)\n {2}why: the output is incomplete\n$/,
      ),
    })
  })
})

describe('faults with --json', () => {
  test.each([
    ['deploy --json --no-such-option', 2, 'usage'],
    ['deploy --json --exit-code', 2, 'usage'],
    ['plan ocaen --json', 2, 'unknown-host'],
    ['deploy ocaen --json', 2, 'unknown-host'],
    ['deploy ocean --json', 6, 'ssh-refused'],
    ['vip status --json', 2, 'no-vip'],
    ['lab status --json --name nobody', 2, undefined],
    ['plan --json --no-such-option', 2, 'usage'],
    ['plan --json -C HOME/empty', 2, undefined],
  ])('%s: one object on the last line of stdout, before `end`', async (line, exit, code) => {
    await keel(['pin', '--file', `amd64=${at('k3s')}`])
    const ended = await keel(line.split(' ').map((word) => word.replace('HOME', home)))
    const lines = ended.stdout.trim().split('\n')
    // of a deploy the last line is `end`
    const streams = line.startsWith('deploy')
    const said: unknown = JSON.parse(lines.at(streams ? -2 : -1) ?? '')
    const fault = { code: code ?? expect.any(String), found: expect.any(String) }
    expect(said).toEqual({ time: expect.any(String), faults: [expect.objectContaining(fault)], exit })
    if (streams) expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ event: 'end', exit })
    expect(ended.code).toBe(exit)
    expect(ended.stderr).not.toBe('')
  })

  test('a plan says in itself who did not answer', async () => {
    const { code, stdout, stderr } = await keel(['plan', 'ocean', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ hosts: [], unreachable: [{ at: 'ocean', code: 'ssh-refused' }] })
    expect(stderr).toMatch(/port \d+ refuses connections/)
    expect(code).toBe(6)
  })
})
