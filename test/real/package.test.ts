import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SshHost, startSshHost } from '../support/hosts/ssh-host.ts'
import { oldNode } from '../support/keel/old-node.ts'
import { packed } from '../support/keel/packed.ts'

/**
 * What a user gets: `npm pack`, then `npm i FILE` in an empty folder without a registry, a cache or a compiler.
 */
const root = fileURLToPath(new URL('../..', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'keel-package-'))
const at = (path: string) => join(scratch, path)
const installed = at('empty/node_modules/keel')
let host: SshHost
let seconds = 0

beforeAll(async () => {
  host = await startSshHost()
  const tarball = await packed(scratch)
  await mkdir(at('empty'))
  const began = performance.now()
  const nowhere = ['--offline', '--registry', 'http://127.0.0.1:9/', '--cache', at('cache'), '--no-audit', '--no-fund']
  await execa('npm', ['install', tarball, ...nowhere], {
    cwd: at('empty'),
    env: { CC: '/bin/false', CXX: '/bin/false', npm_config_nodedir: '/nowhere' },
  })
  seconds = (performance.now() - began) / 1000
})
afterAll(async () => {
  await host?.stop()
  rmSync(scratch, { recursive: true, force: true })
})

test('it installs in seconds, alone, and the repository is as it was', () => {
  console.log(`npm install of the packed keel: ${seconds.toFixed(1)} s`)
  expect(seconds).toBeLessThan(60)
  expect(readdirSync(at('empty/node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['keel'])
  const published = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  expect(Object.keys(published)).not.toEqual(expect.arrayContaining([expect.stringMatching(/dependencies|scripts/i)]))
  expect(readFileSync(at('copy/package.json'), 'utf8')).toBe(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(readdirSync(at('copy'))).not.toContain('package.json.kept')
})

test('it has the licences of what is in it, and what `keel lab prepare` builds from', () => {
  const licences = readFileSync(join(installed, 'dist/LICENCES.txt'), 'utf8')
  // of keel's own bundle, and of the keel-agent's
  for (const name of ['ssh2', 'ws']) expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'))
  for (const file of ['test/lookalike/build.sh', 'test/lookalike/go.mod', 'test/nixos/model.nix', 'test/nixos/standin'])
    expect(existsSync(join(installed, file)), file).toBe(true)
})

describe.each([
  ['24', () => Promise.resolve(process.execPath)],
  ['22.18', oldNode],
])('on Node %s', (version, programOf) => {
  const inventory = at(`empty/inventory-${version}`)
  const keel = async (...args: readonly string[]) => {
    const env = { HOME: scratch, PATH: process.env.PATH, XDG_CACHE_HOME: at('xdg') }
    return execa(await programOf(), [join(installed, 'bin/keel.js'), ...args], {
      cwd: existsSync(inventory) ? inventory : at('empty'),
      env,
      extendEnv: false,
      reject: false,
    })
  }

  test('it says its version', async () => {
    expect((await execa(await programOf(), ['--version'])).stdout).toMatch(new RegExp(`^v${version}`))
    expect(await keel('--version')).toMatchObject({ exitCode: 0, stdout: '0.1.0' })
  })

  test('it has the pages of its manual', async () => {
    const page = readFileSync(join(root, 'docs/security.md'), 'utf8').trimEnd()
    expect(await keel('help', 'security')).toMatchObject({ exitCode: 0, stdout: page })
  })

  test('it makes an inventory in TypeScript, loads and renders it', async () => {
    const admin = readFileSync(`${host.userKey}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
    const spec = `name=o,role=server,os=nixos,address=root@127.0.0.1:${host.port},hostKey=${host.hostKey('ed25519')},nodeIP=192.0.2.1`
    const made = await keel('init', inventory, '--yes', '--name', 't', '--admin', `a=${admin}`, '--host', spec)
    expect(made.exitCode, made.stderr).toBe(0)
    expect(readFileSync(join(inventory, 'hosts/o/host.ts'), 'utf8')).toContain("from 'keel'")
    const rendered = await keel('render')
    expect(rendered.exitCode, rendered.stderr).toBe(0)
    expect(existsSync(join(inventory, 'hosts/o/k3s.nix'))).toBe(true)
  })

  test('it speaks SSH with a real sshd', async () => {
    const { exitCode, stderr } = await keel(
      'secret',
      'import',
      'k3s-server-token',
      '--from-host',
      'o',
      '-i',
      host.userKey,
    )
    expect(stderr).toMatch(/server\/token can't be read: .*No such file/)
    expect(exitCode).toBe(1)
  })
})
