import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeKey, publicKey, type SshHost, startSshHost } from '../../support/hosts/ssh-host.ts'
import { keel } from '../../support/keel/keel-in-process.ts'

const root = mkdtempSync(join(tmpdir(), 'keel-running-'))
let host: SshHost
beforeAll(async () => {
  host = await startSshHost()
})
afterAll(async () => {
  await host?.stop()
  rmSync(root, { recursive: true })
})

test('init --from-agenix asks a host that it reaches, and writes down what it could not ask', async () => {
  const admin = readFileSync(`${host.userKey}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
  makeKey(join(root, 'maia'), 'ed25519')
  mkdirSync(join(root, 'repo'))
  writeFileSync(
    join(root, 'repo/secrets.nix'),
    `let systems = { ocean = "${host.hostKey('ed25519')}"; maia = "${publicKey(join(root, 'maia'))}"; }; in {
      "secrets/k3s-token.age".publicKeys = [ "${admin}" ] ++ builtins.attrValues systems;
    }`,
  )
  const at = (name: string, port: number) => [
    '--host',
    `name=${name},address=root@127.0.0.1:${port},nodeIP=192.0.2.${port % 250}`,
  ]
  const argv = [
    'init',
    '.',
    '--yes',
    '--from-agenix',
    'secrets.nix',
    '-i',
    host.userKey,
    ...at('ocean', host.port),
    ...at('maia', 9),
  ]
  const { exit, err } = await keel(join(root, 'repo'), argv, '', { env: { HOME: root, PATH: process.env.PATH } })
  expect(exit, err).toBe(0)
  const [ocean, maia, cluster] = ['hosts/ocean/host.ts', 'hosts/maia/host.ts', 'hosts/cluster.ts'].map((file) =>
    readFileSync(join(root, 'repo', file), 'utf8'),
  )
  // the machine that runs the tests
  expect(ocean).toMatch(/^\/\/ OPEN: k3s has no data on this host/m)
  expect(ocean).toMatch(/os: 'debian'/)
  expect(maia).toMatch(/^\/\/ OPEN: not asked \(.*refuses connections.*\): are role and Node name right/m)
  expect(cluster).not.toMatch(/secrets-encryption/)
  expect(err).toContain('open question: hosts/maia/host.ts: not asked')
  // what the host said, and what was guessed of the one that said nothing
  expect(err).toMatch(/^host ocean: \w+, debian, \S+; named by systems\.ocean \(please check\)$/m)
  expect(err).toMatch(/^host maia: \w+, nixos, \S+; named by systems\.maia \(please check\)$/m)
})
