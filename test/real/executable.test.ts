import {
  chmodSync,
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
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa, type Options } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeExecutable } from '../../scripts/executable/make-executable.ts'
import { targetNamed } from '../../scripts/executable/target.ts'
import { generateKeyPair } from '../../src/lab/host/ssh-keys.ts'
import { setup } from '../support/keel/build-keel.ts'
import { keelArgv } from '../support/keel/keel.ts'

/**
 * keel as one file, made for both kinds of machines, and run where there is no Node and no package: PATH has git and
 * strace, and no folder above has a node_modules.
 */
const root = fileURLToPath(new URL('../..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'keel-executable-'))
const [home, programs, inventory] = ['home', 'programs', 'inventory'].map((name) => join(scratch, name)) as [
  string,
  string,
  string,
]
const admin = generateKeyPair()
/** Milliseconds; 10 seconds on a quiet machine, but the large labs run beside these tests. */
const MAKING = 600_000
let program: string

beforeAll(async () => {
  await setup()
  for (const folder of [join(home, '.ssh'), programs]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(home, '.ssh/id_ed25519'), admin.private, { mode: 0o600 })
  for (const name of ['git', 'strace']) {
    const { stdout } = await execa('which', [name])
    symlinkSync(stdout, join(programs, name))
  }
  const began = performance.now()
  program = await makeExecutable(targetNamed(undefined), scratch)
  console.log(`made ${program} in ${((performance.now() - began) / 1000).toFixed(1)} s`)
}, MAKING)
afterAll(() => rmSync(scratch, { recursive: true }))

const run = (command: readonly string[], options: Options = {}) => {
  const [first = '', ...args] = command
  return execa(first, args, {
    cwd: existsSync(inventory) ? inventory : scratch,
    env: { HOME: home, PATH: programs, ...options.env },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    ...('input' in options ? { input: options.input as string, stdin: 'pipe' as const } : {}),
  })
}
const keel = (...args: readonly string[]) => run([program, ...args])
const ok = async (...args: readonly string[]) => {
  const { exitCode, stdout, stderr } = await keel(...args)
  expect(exitCode, `keel ${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0)
  return String(stdout)
}

describe('keel as one file', () => {
  test('says its version and its help', async () => {
    expect(await ok('--version')).toBe('0.1.0')
    expect(await ok('--help')).toMatch(/^Usage: keel/)
  })

  test('makes an inventory in TypeScript, loads and renders it', async () => {
    const spec = `name=o,role=server,os=nixos,address=root@192.0.2.1,hostKey=${generateKeyPair().public},nodeIP=192.0.2.1`
    await ok('init', inventory, '--yes', '--name', 't', '--admin', `a=${admin.public}`, '--host', spec)
    expect(readFileSync(join(inventory, 'hosts/o/host.ts'), 'utf8')).toContain("from 'keel'")
    expect(await ok('render')).toContain('hosts/o/k3s.nix: written')
    expect(readFileSync(join(inventory, '.keel/keel.d.ts'), 'utf8')).toBe(
      readFileSync(join(root, 'schema/keel.d.ts'), 'utf8'),
    )
    expect(await ok('version')).toMatch(/^keel 0\.1\.0\nnode 24\.\d+\.\d+\nk3s v/)
  })

  test('loads what a file of the inventory imports: another file, a package of either kind', async () => {
    writeFileSync(join(inventory, 'hosts/common.ts'), "export const ip: string = '192.0.2.7'\n")
    mkdirSync(join(inventory, 'node_modules/old'), { recursive: true })
    writeFileSync(
      join(inventory, 'node_modules/old/index.js'),
      "exports.role = require('node:util').format('server')\n",
    )
    mkdirSync(join(inventory, 'node_modules/new'))
    writeFileSync(join(inventory, 'node_modules/new/package.json'), '{ "type": "module", "exports": "./new.js" }')
    writeFileSync(
      join(inventory, 'node_modules/new/new.js'),
      "import { join } from 'node:path'\nexport default join('a', 'b')\n",
    )
    const file = join(inventory, 'hosts/o/host.ts')
    const text = readFileSync(file, 'utf8')
    const imports = "import { ip } from '../common.ts'\nimport { role } from 'old'\nimport path from 'new'\n"
    writeFileSync(
      file,
      imports +
        text
          .replace("nodeIP: '192.0.2.1'", 'nodeIP: ip')
          .replace("role: 'server'", 'role, labels: { path: path.replace("/", "-") }'),
    )
    try {
      await ok('render')
      const rendered = readFileSync(join(inventory, 'hosts/o/k3s.nix'), 'utf8')
      expect(rendered).toContain('192.0.2.7')
      expect(rendered).toContain('a-b')
    } finally {
      writeFileSync(file, text)
      rmSync(join(inventory, 'node_modules'), { recursive: true })
    }
  })

  test('names the line of a fault in TypeScript, and plans to the first fault', async () => {
    const file = join(inventory, 'hosts/o/host.ts')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace("role: 'server'", "role: 'sever'"))
    expect(await keel('plan')).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/hosts\/o\/host\.ts:5:/) })
    writeFileSync(file, text)
    const { stdout, exitCode } = await keel('plan', '--json')
    expect([exitCode, JSON.parse(String(stdout)).faults]).toMatchObject([2, [{ code: 'nixos-sources' }]])
  })

  test('renders an inventory in YAML', async () => {
    const yaml = join(scratch, 'yaml')
    cpSync(inventory, yaml, { recursive: true })
    rmSync(join(yaml, 'hosts/o'), { recursive: true })
    mkdirSync(join(yaml, 'hosts/o'))
    const host = { os: 'nixos', role: 'server', address: 'root@192.0.2.1', hostKey: generateKeyPair().public }
    writeFileSync(join(yaml, 'hosts/o/host.yaml'), `${JSON.stringify({ ...host, nodeIP: '192.0.2.9' })}\n`)
    await ok('-C', yaml, 'render')
    expect(readFileSync(join(yaml, 'hosts/o/k3s.nix'), 'utf8')).toContain('192.0.2.9')
  })

  test('carries the program of the keel-agent', async () => {
    const copy = join(scratch, 'with-agent')
    cpSync(inventory, copy, { recursive: true })
    const file = join(copy, 'hosts/cluster.ts')
    writeFileSync(file, readFileSync(file, 'utf8').replace('defineCluster({', 'defineCluster({ keelAgent: true,'))
    await ok('-C', copy, 'rekey')
    await ok('-C', copy, 'render')
    const bundle = readFileSync(join(root, 'dist/keel-agent.js'), 'utf8')
    expect(readFileSync(join(copy, 'hosts/o/keel-agent.mjs'), 'utf8').split('\n').slice(1).join('\n')).toBe(bundle)
  })

  test('encrypts a secret and shows it', async () => {
    expect(await ok('secret', 'show', 'k3s-server-token')).toMatch(/^K10[0-9a-f]{64}::server:/)
    const set = await run([program, 'secret', 'set', 'k3s-agent-token'], { input: 'an-agent-token' })
    expect(set.stderr).toContain('encrypted to admin a')
    expect(await ok('secret', 'show', 'k3s-agent-token')).toBe('an-agent-token')
  })

  test('completes in a shell', async () => {
    expect(await ok('completion', 'bash')).toContain('keel complete --')
    expect((await ok('complete', '--', 'render', '')).split('\n')).toContain('o')
  })

  test('builds the lab from the same sources as the npm package', async () => {
    const [node, script] = keelArgv
    // what is missing on this machine is made here, as the package does
    await execa(node, [script, 'lab', 'prepare'])
    // without Go, so nothing can be built: the sources have the digest of what has been
    const path = (process.env.PATH ?? '').split(':').filter((folder) => !existsSync(join(folder, 'go')))
    const prepared = await execa(program, ['lab', 'prepare'], { env: { PATH: path.join(':') }, reject: false })
    expect(prepared.exitCode, prepared.stderr).toBe(0)
  })

  test('has no option of Node, and takes none from the environment', async () => {
    writeFileSync(join(scratch, 'first.cjs'), "process.stdout.write('loaded first')\n")
    const env = { NODE_OPTIONS: `--require ${join(scratch, 'first.cjs')}` }
    expect((await run([program, '--version'], { env })).stdout).toBe('0.1.0')
    expect(await keel('--require', join(scratch, 'first.cjs'), 'plan')).toMatchObject({ exitCode: 2, stdout: '' })
  })

  test('opens no Node, no package, and writes only to the inventory and the user’s cache', async () => {
    const log = join(scratch, 'trace')
    rmSync(join(inventory, 'hosts/o/k3s.nix'))
    await run(['strace', '-f', '-qq', '-e', 'trace=openat,execve,mkdir,rename,unlink', '-o', log, program, 'render'])
    const calls = readFileSync(log, 'utf8').split('\n')
    const opened = calls.flatMap((call) => /"(\/[^"]*)"/.exec(call)?.[1] ?? [])
    expect(opened).toContain(join(inventory, 'hosts/o/host.ts'))
    expect(opened.filter((path) => path.startsWith(root) || /node_modules|\/node$/.test(path))).toEqual([])
    const written = calls.filter((call) => /O_CREAT|O_WRONLY|O_RDWR|mkdir|rename|unlink/.test(call))
    expect(written.join('\n')).toContain(`"${inventory}/hosts/o/`)
    const elsewhere = written.filter(
      (call) => ![`"${inventory}/`, `"${home}/.cache/keel`, '"/dev/'].some((own) => call.includes(own)),
    )
    expect(elsewhere).toEqual([])
  })

  test('attack 8: compiled code from a folder that everybody can write is neither read nor written', async () => {
    const cache = join(scratch, 'open/keel')
    mkdirSync(cache, { recursive: true })
    chmodSync(cache, 0o777)
    const env = { XDG_CACHE_HOME: join(scratch, 'open') }
    expect((await run([program, '--version'], { env })).stdout).toBe('0.1.0')
    expect(readdirSync(cache)).toEqual([])
    chmodSync(cache, 0o700)
    await run([program, '--version'], { env })
    expect(readdirSync(cache)).toEqual(['compile'])
  })

  test('comes with its checksum and with the licences of what is in it', async () => {
    expect((await execa('sha256sum', ['-c', `${program}.sha256`], { cwd: scratch })).stdout).toContain(': OK')
    const licences = readFileSync(join(scratch, 'LICENCES.txt'), 'utf8')
    expect(licences).toMatch(/^ssh2 /m)
    expect(licences).toMatch(/Node\.js is licensed for use/)
  })
})

test(
  'for arm64 it is an arm64 program with the same keel in it, and runs in an emulator',
  async () => {
    const arm = await makeExecutable({ platform: 'linux', arch: 'arm64' }, scratch)
    const bytes = readFileSync(arm)
    expect([bytes.toString('latin1', 1, 4), bytes.readUInt16LE(18)]).toEqual(['ELF', AARCH64])
    expect(noteIn(bytes).equals(noteIn(readFileSync(program)))).toBe(true)
    const emulated = await run(['/usr/bin/qemu-aarch64', '-L', '/usr/aarch64-linux-gnu', arm, 'version'])
    expect(emulated.stderr).toBe('')
    expect(emulated.stdout).toBe((await keel('version')).stdout)
  },
  MAKING,
)

/** EM_AARCH64 of the ELF header's e_machine. */
const AARCH64 = 183

/** What postject has put into a program: an ELF note of that name (its length, the content's, a type, name, content). */
function noteIn(program: Buffer): Buffer {
  const name = Buffer.from('NODE_SEA_BLOB\0')
  for (let at = program.indexOf(name); at !== -1; at = program.indexOf(name, at + 1)) {
    if (program.readUInt32LE(at - 12) !== name.length) continue
    const start = at + Math.ceil(name.length / 4) * 4
    return program.subarray(start, start + program.readUInt32LE(at - 8))
  }
  throw new Error('no note')
}
