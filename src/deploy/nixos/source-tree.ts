import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type Fault, FaultsError } from '../../errors.ts'
import { readInventoryFile } from '../../files/inventory-file.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import { sha256 } from '../../model/digest.ts'
import { BUNDLE_BESIDE_MODULE, bringsAgentProgram } from '../../model/keel-agent/agent-program.ts'
import { gitAdd, trackedFiles } from './git-files.ts'

/** What a NixOS system is built from: the files of the inventory's folder that the build may see. */
export interface SourceTree {
  readonly files: readonly SourceFile[]
  readonly digest: string
}

/** A host's tree, of those that were read for a deploy. */
export function treeOf(trees: ReadonlyMap<string, SourceTree>, host: string): SourceTree {
  const tree = trees.get(host)
  if (tree === undefined) throw new Error(`${host} is to be built and has no sources`)
  return tree
}

type SourceFile =
  | { readonly path: string; readonly kind: 'file'; readonly bytes: Buffer; readonly isProgram: boolean }
  | { readonly path: string; readonly kind: 'link'; readonly target: string }

/** The file is there, and `git add` all that is missing. */
export const untrackedCode = 'nixos-untracked'

/** A repository may contain pictures and archives beside its modules. */
const MOST_SOURCE_BYTES = 128 << 20

/** Never part of a configuration; for folders without git. */
const LEFT_OUT = new Set(['.git', 'node_modules', '.keel', 'result'])

/**
 * Reads what a host's system is built from: what git tracks, with the contents that are on the disk; everything where
 * there is no git. What git ignores or does not know yet may be anything (.env, a private key), and the tree goes to a
 * host. What keel writes for other hosts stays out, encrypted secrets of others above all.
 * @throws FaultsError `nixos-sources` and `nixos-untracked` (exit 2) for files that the build would miss
 */
export async function readSourceTree(
  directory: string,
  cluster: Cluster,
  host: Host,
  secrets: readonly string[],
): Promise<SourceTree> {
  const source = host.nixos?.source
  const tracked = await trackedFiles(directory)
  const paths = (tracked ?? (await allFiles(directory))).toSorted()
  const main = source?.kind === 'configuration' ? source.file : 'flake.nix'
  const modules = bringsAgentProgram(cluster, host) ? ['k3s.nix', BUNDLE_BESIDE_MODULE] : ['k3s.nix']
  const beside = modules.map((name) => `hosts/${host.name}/${name}`)
  const needed = [main, ...beside, ...secrets.map((name) => `secrets/${name}.age`)]
  // a lock file that the flake does not see would be made anew, of whatever its inputs are by then
  if (existsSync(join(directory, 'flake.lock'))) needed.push('flake.lock')
  refuseMissing(needed, paths, directory, tracked === undefined ? undefined : (source?.kind ?? 'flake'))
  const others = filesOfOthers(cluster, host, secrets)
  const read = await Promise.all(paths.filter((path) => !others(path)).map((path) => readSource(directory, path)))
  const files = read.flat()
  return { files, digest: digestOf(files) }
}

async function allFiles(directory: string, below = ''): Promise<readonly string[]> {
  const entries = await readdir(join(directory, below), { withFileTypes: true })
  const found = entries
    .filter(({ name }) => !LEFT_OUT.has(name))
    .map(async (entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      return entry.isDirectory() ? allFiles(directory, path) : [path]
    })
  return (await Promise.all(found)).flat()
}

/** A file that git lists and that is gone from the disk is no part of the flake. */
async function readSource(directory: string, path: string): Promise<readonly SourceFile[]> {
  const file = join(directory, path)
  const state = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (state?.isSymbolicLink()) return [{ path, kind: 'link', target: await readlink(file) }]
  if (!state?.isFile()) return []
  const bytes = readInventoryFile(directory, path, MOST_SOURCE_BYTES)
  return bytes === undefined ? [] : [{ path, kind: 'file', bytes, isProgram: (state.mode & 0o100) !== 0 }]
}

function filesOfOthers(cluster: Cluster, host: Host, secrets: readonly string[]): (path: string) => boolean {
  const written = ['host.ts', 'host.yaml', 'host.yml', 'k3s.nix', BUNDLE_BESIDE_MODULE, 'butane.yaml', 'config.ign']
  const theirs = new Set([
    ...cluster.hosts
      .filter(({ name }) => name !== host.name)
      .flatMap(({ name }) => written.map((file) => `hosts/${name}/${file}`)),
    ...cluster.secrets
      .filter(({ name }) => !secrets.includes(name) && !readable(cluster, host, name))
      .map(({ file }) => file),
    // keel's own, of which no module knows
    ...['hosts/cluster.ts', 'hosts/cluster.yaml', `hosts/${host.name}/host.ts`, `hosts/${host.name}/host.yaml`],
    ...['secrets.ts', 'secrets.yaml', 'secrets.nix', 'keel.lock.json', 'package.json', 'package-lock.json'],
  ])
  return (path) => theirs.has(path)
}

/** A secret that the host reads may be used by a hand-written module. */
function readable({ secrets }: Cluster, host: Host, name: string): boolean {
  return secrets.some(
    (rule) => rule.name === name && rule.readers.some((reader) => reader.kind === 'host' && reader.name === host.name),
  )
}

/** @param byGit what git is asked for; undefined where there is none */
function refuseMissing(
  needed: readonly string[],
  paths: readonly string[],
  directory: string,
  byGit: 'flake' | 'configuration' | undefined,
): void {
  const missing = needed.filter((path) => !paths.includes(path) || !existsSync(join(directory, path)))
  if (missing.length === 0) return
  const faults = missing.map((path): Fault => {
    const isThere = existsSync(join(directory, path))
    const todo = [...(isThere ? [] : [howToMake(path)]), ...(byGit === undefined ? [] : [gitAdd([path])])].join(
      ', then ',
    )
    return isThere && byGit !== undefined
      ? {
          code: untrackedCode,
          at: path,
          found: 'git does not track it',
          why:
            byGit === 'flake'
              ? 'a flake sees only files that git tracks, committed or not'
              : 'keel sends a host only files that git tracks, committed or not, because other files may be your secrets',
          todo,
        }
      : {
          code: 'nixos-sources',
          at: path,
          found: 'it is not there',
          why: `the system is built from ${directory}`,
          todo,
        }
  })
  throw new FaultsError(faults)
}

function howToMake(path: string): string {
  if (/\/(k3s\.nix|keel-agent\.mjs)$/.test(path)) return '`keel render`'
  if (path.endsWith('.age')) return '`keel rekey`'
  if (path !== 'flake.nix') return `write ${path}`
  return "create it, or name the configuration of the host: `nixos: { configuration: 'hosts/…/configuration.nix' }`"
}

function digestOf(files: readonly SourceFile[]): string {
  const hash = createHash('sha256')
  for (const file of files) {
    const content = file.kind === 'file' ? [sha256(file.bytes), file.isProgram] : [file.target]
    hash.update(`${JSON.stringify([file.path, file.kind, ...content])}\n`)
  }
  return hash.digest('hex')
}
