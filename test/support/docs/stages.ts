import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { CNI_VERSION, kubernetesDownloads } from '../../../src/artifacts/pin-kubernetes.ts'
import { NODE_ARTIFACT, nodeVersion } from '../../../src/model/keel-agent/agent-program.ts'
import { keel } from '../keel/keel-in-process.ts'
import { kubernetesReleases } from '../samples/kubernetes-releases.ts'
import { newKey } from '../secrets/secret-keys.ts'

/** The environment in which the commands of a page run. */
export interface Stage {
  readonly folder: string
  readonly home: string
  /** The public key of the admin. The private half is at ~/.ssh/id_ed25519. */
  readonly publicKey: string
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const hostKey = () => newKey('ssh-ed25519').recipient

/**
 * Prepares the environment for a page's first command, or for the first command under one of its headings
 * (`page: heading`).
 */
export const stages: Readonly<Record<string, (stage: Stage) => Promise<void> | void>> = {
  'README.md': (stage) => {
    const folder = join(stage.folder, 'mercury')
    mkdirSync(folder)
    return inventory({ ...stage, folder }, {})
  },
  'docs/back-up-and-restore.md': (stage) => inventory(stage, {}),
  'docs/remove-a-node.md': (stage) => inGit(stage, { luna: '' }),
  'docs/replace-a-dead-server.md': async (stage) => {
    await inGit(stage, { bay: 'role=server', cove: 'role=server' })
    change(stage, 'hosts/cove/host.ts', /'ssh-ed25519 [^']*'/, `'${hostKey()}'`)
  },
  'docs/upgrade-k3s.md': async (stage) => {
    await inGit(stage, {})
    change(stage, 'hosts/cluster.ts', 'v1.36.3', 'v1.36.8')
  },
  'docs/adopt-agenix.md': agenixRepository,
  'docs/agenix.md': agenixRepository,
  'docs/agenix.md: agenix beside keel': (stage) => {
    rmSync(join(stage.folder, 'my-nixos-config'), { recursive: true })
    return inventory(stage, { maia: 'os=nixos' })
  },
  'docs/butane.md': ({ folder }) => {
    write(folder, 'files/motd', 'hello\n')
    write(
      folder,
      'node.bu',
      'variant: flatcar\nversion: 1.1.0\nstorage: { files: [{ path: /etc/motd, contents: { local: motd } }] }\n',
    )
  },
  'docs/flatcar.md': async (stage) => {
    await inventory(stage, {})
    cpSync(`${root}docs/examples/three-systems/hosts/luna`, join(stage.folder, 'hosts/luna'), { recursive: true })
  },
  'docs/sysext.md': ({ folder }) => kubernetesReleases(join(folder, 'releases')),
  'docs/graph.md': (stage) => inventory(stage, { maia: '' }),
  'docs/keel-agent.md': withAgents,
  'docs/kubeadm.md: The files of a host': ({ folder }) => pinnedKubernetes(join(folder, 'venus')),
  'docs/keel-agent-certificates.md': withAgents,
  'docs/nixos.md': async (stage) => {
    await inventory(stage, { maia: 'os=nixos' })
    execFileSync('git', ['init', '-q'], { cwd: stage.folder })
  },
  'docs/secrets.md': async (stage) => {
    await inventory(stage, { maia: '' })
    change(stage, 'secrets.ts', 'secrets: {', "secrets: { 'registry-password': { readers: ['admins'] },")
    write(stage.folder, 'file', 'planted value\n')
  },
  'docs/secrets.md: Private keys': ({ home }) => {
    cpSync(join(home, '.ssh/id_ed25519'), join(home, 'keys/deploy'))
    write(home, 'keys/age.txt', newKey('age1').privateText)
  },
  'docs/secrets.md: Changing readers': (stage) =>
    change(
      stage,
      'secrets.ts',
      "'registry-password': { readers: ['admins'] }",
      "'registry-password': { readers: ['admins', 'maia'] }",
    ),
  'docs/examples/farm/README.md': examples,
  'docs/examples/high-availability/README.md': examples,
  'docs/examples/kubeadm/README.md': examples,
  'docs/examples/three-systems/README.md': (stage) => {
    cpSync(`${root}docs/examples/three-systems`, stage.folder, { recursive: true })
    change(stage, 'secrets.ts', /'ssh-ed25519 [^']*'/, `'${stage.publicKey}'`)
    pinned(stage.folder)
  },
  'docs/examples/yaml/README.md': examples,
}

/** Commands that end with another exit code than 0, as the page says. */
export const exitCodes: Readonly<Record<string, number>> = {
  'docs/agenix.md: keel rekey --check': 3,
}

function write(folder: string, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), text, { mode: 0o600 })
}

function change({ folder }: Stage, name: string, from: string | RegExp, to: string): void {
  const before = readFileSync(join(folder, name), 'utf8')
  expect(before).toMatch(from)
  writeFileSync(join(folder, name), before.replace(from, to))
}

/** An inventory with ocean, a Debian server, and the other named hosts. */
async function withAgents(stage: Stage): Promise<void> {
  await inventory(stage, { maia: '' })
  change(stage, 'hosts/cluster.ts', 'defineCluster({', 'defineCluster({ keelAgent: true,')
}

async function inventory({ folder, publicKey }: Stage, others: Readonly<Record<string, string>>): Promise<void> {
  const hosts = Object.entries({ ocean: 'os=debian', ...others }).flatMap(([name, more], index) => [
    '--host',
    [`name=${name},address=root@192.0.2.${index + 10},hostKey=${hostKey()}`, more]
      .filter((text) => text !== '')
      .join(','),
  ])
  const { exit, err } = await keel(folder, [
    'init',
    '.',
    '--yes',
    '--name',
    'mercury',
    '--admin',
    `ada=${publicKey}`,
    ...hosts,
  ])
  expect(exit, err).toBe(0)
  pinned(folder)
}

/** The same, and committed. */
async function inGit(stage: Stage, others: Readonly<Record<string, string>>): Promise<void> {
  await inventory(stage, others)
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: stage.folder })
  git('init', '-q')
  git('add', '.')
  git('-c', 'user.name=ada', '-c', 'user.email=ada@home', 'commit', '-qm', 'Describe the cluster')
}

/** What `keel pin` writes, for every version and system on these pages. */
function pinned(folder: string): void {
  const artifact = { url: 'https://192.0.2.1/k3s', sha256: '0'.repeat(64), sysext: '1'.repeat(64) }
  const both = { amd64: artifact, arm64: artifact }
  const artifacts = { k3s: { 'v1.36.3+k3s1': both }, [NODE_ARTIFACT]: { [nodeVersion]: both } }
  write(folder, 'keel.lock.json', JSON.stringify({ format: 1, artifacts }))
}

/** The same of `keel sysext build`. */
function pinnedKubernetes(folder: string): void {
  const version = 'v1.36.3'
  const both = <Entry>(entry: Entry) => ({ amd64: entry, arm64: entry })
  const downloads = kubernetesDownloads({ version, cniVersion: CNI_VERSION, arch: 'amd64' })
  const artifacts = Object.fromEntries(
    downloads.map((one) => [one.name, { [one.version]: both({ url: one.url, sha256: '0'.repeat(64) }) }]),
  )
  const of = Object.fromEntries(downloads.map((one) => [one.name, one.version]))
  const images = { kubernetes: { [version]: both({ sha256: '1'.repeat(64), of }) } }
  write(folder, 'keel.lock.json', JSON.stringify({ format: 1, artifacts, images }))
}

function examples({ folder }: Stage): void {
  cpSync(`${root}docs/examples`, join(folder, 'docs/examples'), { recursive: true })
  for (const name of ['farm', 'high-availability', 'yaml']) pinned(join(folder, 'docs/examples', name))
  pinnedKubernetes(join(folder, 'docs/examples/kubeadm'))
  write(folder, 'file', 'planted value\n')
}

/** The repository of a user who has k3s on NixOS, with secrets by agenix. */
function agenixRepository({ folder, publicKey }: Stage): void {
  const repository = join(folder, 'my-nixos-config')
  cpSync(`${root}test/cases/nixos/seed`, repository, { recursive: true })
  const rules = `let
  users.ada = "${publicKey}";
  systems = { ocean = "${hostKey()}"; maia = "${hostKey()}"; };
in {
  "secrets/k3s-server-token.age".publicKeys = [ users.ada systems.ocean ];
  "secrets/k3s-agent-token.age".publicKeys = [ users.ada systems.maia ];
}
`
  write(repository, 'secrets.nix', rules)
  mkdirSync(join(repository, 'secrets'))
  for (const [name, value] of [
    ['k3s-server-token', 'planted-server-token'],
    ['k3s-agent-token', 'planted-agent-token'],
  ] as const)
    execFileSync('age', ['-o', join(repository, `secrets/${name}.age`), '-r', publicKey], { input: value })
}
