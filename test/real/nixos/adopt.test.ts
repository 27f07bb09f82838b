import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { keel } from '../../support/keel/keel-in-process.ts'
import { evaluateMachines, type Said, systemdWords } from '../../support/nixos/evaluated-machines.ts'
import { newKey, run } from '../../support/secrets/secret-keys.ts'

/** docs/adopt-agenix.md, step by step, on the seed's repository. */
const repo = mkdtempSync(join(tmpdir(), 'keel-adopt-'))
afterAll(() => rmSync(repo, { recursive: true }))
const path = (name: string) => join(repo, name)
const read = (name: string) => readFileSync(path(name), 'utf8')
const seed = new URL('../../cases/nixos/seed/', import.meta.url).pathname
const flags = ({ words }: Said) =>
  systemdWords(
    words
      .slice(2)
      .join(' ')
      .replaceAll(/(?<=^| )(--[a-z-]+) (?=[^- ])/g, '$1='),
  )

test('an agenix repository with k3s becomes an inventory, and its machines keep every flag', async () => {
  const [me, ocean, maia] = [newKey('ssh-ed25519'), newKey('ssh-ed25519'), newKey('ssh-ed25519')]
  cpSync(seed, repo, { recursive: true })
  mkdirSync(path('secrets'))
  writeFileSync(path('me'), me.privateText)
  writeFileSync(
    path('secrets.nix'),
    `let
  users = { ncrmro = "${me.recipient}"; };
  systems = { ocean = "${ocean.recipient}"; maia = "${maia.recipient}"; };
in {
  "secrets/k3s-server-token.age".publicKeys = [ users.ncrmro systems.ocean ];
  "secrets/k3s-agent-token.age".publicKeys = [ users.ncrmro systems.maia ];
}
`,
  )
  const encrypt = (name: string, value: string, reader: { recipient: string }) =>
    run('age', ['-o', path(`secrets/${name}.age`), '-r', me.recipient, '-r', reader.recipient], value)
  encrypt('k3s-server-token', 'K3S10::server:planted', ocean)
  encrypt('k3s-agent-token', 'K10::node:planted', maia)

  const env = { env: { HOME: repo, PATH: process.env.PATH } }
  expect(await keel(repo, ['init', '.', '--yes', '--from-agenix', 'secrets.nix', '-i', 'me'], '', env)).toMatchObject({
    exit: 0,
  })
  // 1 and 2: what the old modules say, and that the running cluster is on sqlite
  const change = (name: string, from: string, to: string) => {
    expect(read(name)).toContain(from)
    writeFileSync(path(name), read(name).replace(from, to))
  }
  change('hosts/cluster.ts', 'defineCluster({', "defineCluster({ datastore: 'sqlite',")
  const shared =
    "disable: ['traefik', 'local-storage'], 'container-runtime-endpoint': '/run/containerd/containerd.sock',"
  change('hosts/cluster.ts', 'k3s: {', `k3s: { ${shared}`)
  change(
    'hosts/ocean/host.ts',
    'defineHost({',
    `defineHost({ nodeIP: '100.64.0.6', k3s: { 'tls-san': ['ocean.mercury', '100.64.0.6'] },`,
  )
  change(
    'hosts/maia/host.ts',
    'defineHost({',
    `defineHost({ nodeIP: '100.64.0.5', taints: ['ncrmro.com/region=us-south-2:NoSchedule'],`,
  )
  // 3: files of the owner's are written over only when it is said
  expect((await keel(repo, ['render'])).exit).toBe(2)
  expect(read('hosts/ocean/k3s.nix')).toBe(readFileSync(`${seed}hosts/ocean/k3s.nix`, 'utf8'))
  expect((await keel(repo, ['render', '--force'])).exit).toBe(0)
  // 4
  expect((await keel(repo, ['rekey', '-i', 'me'])).exit).toBe(0)
  expect((await keel(repo, ['rekey', '--check'])).exit).toBe(0)

  const modules = (from: string) =>
    ['ocean', 'maia'].map((host) => ({
      host,
      module: readFileSync(join(from, `hosts/${host}/k3s.nix`), 'utf8'),
      release: '25.11' as const,
    }))
  const [newOcean, newMaia, oldOcean, oldMaia] = evaluateMachines([...modules(repo), ...modules(seed)])
  if (!newOcean || !newMaia || !oldOcean || !oldMaia) throw new Error('not evaluated')
  expect(flags(newOcean)).toEqual(expect.arrayContaining([...flags(oldOcean)]))
  expect(flags(newMaia)).toEqual(expect.arrayContaining([...flags(oldMaia)]))
  // it was founded before keel: neither its datastore nor its CA changes
  expect(flags(newOcean)).not.toContain('--cluster-init')
  expect(Object.keys(newOcean.secrets)).toEqual(['k3s-agent-token', 'k3s-server-token'])
})
