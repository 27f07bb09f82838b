import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { cacheVariable } from '../../artifacts/cache-directory.ts'
import { checkOwnFolder } from '../../artifacts/own-folder.ts'
import { KeelError } from '../../errors.ts'
import { dieWithParent } from '../machine/die-with-parent.ts'
import { withFileLock } from '../machine/file-lock.ts'
import type { Work } from '../work.ts'
import { aptOptions, aptTargetsFormat, debianSources } from './apt-sources.ts'
import { type RootSpec, rootDigest } from './root-spec.ts'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
/** A build takes half a minute on an idle machine. A second process waits for the first. */
const lockSeconds = 1200

/**
 * The directory of the root in the cache, built if it is missing. The build uses a directory with another name, which
 * is renamed when it is complete, so keel never uses an incomplete root. If two processes need it at once, one builds
 * it and the other waits.
 * @throws KeelError `lab-root` with the end of mmdebstrap's log, `lab-busy` (exit 5)
 */
export async function ensureRoot(spec: RootSpec, { cache, note, signal }: Work): Promise<string> {
  const root = join(cache, `root-${rootDigest(spec)}`)
  if (existsSync(root)) {
    checkOwnFolder({ path: root, variable: cacheVariable })
    return root
  }
  return withFileLock(join(cache, 'root.lock'), lockSeconds, async () => {
    if (existsSync(root)) return root
    note(`building the lab's root (Debian ${spec.suite}, ${spec.packages.length} packages); kept in ${cache}`)
    for (const name of await readdir(cache)) {
      // what a killed build left; --one-file-system, in case something is still mounted in it
      if (name.startsWith('building-root-')) await execa('rm', ['-rf', '--one-file-system', join(cache, name)])
    }
    const building = await mkdtemp(join(cache, 'building-root-'))
    await debootstrap(spec, building, signal)
    await configure(spec, building)
    await rename(building, root)
    return root
  })
}

async function debootstrap(spec: RootSpec, into: string, signal: AbortSignal): Promise<void> {
  const targets = await execa('apt-get', ['indextargets', '--format', aptTargetsFormat, 'Created-By: Packages'])
  const config = await execa('apt-config', ['dump'])
  // in a file of ours and not in argv, because the address of a proxy may contain a password
  const scratch = await mkdtemp(join(tmpdir(), 'keel-lab-'))
  try {
    const options = join(scratch, 'apt.conf')
    const sources = join(scratch, 'lab.list')
    await writeFile(options, `${aptOptions(config.stdout)}Apt::Install-Recommends "false";\n`, { mode: 0o600 })
    const lines = debianSources(targets.stdout, spec.suite, existsSync(keyring) ? keyring : undefined)
    await writeFile(sources, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 })
    await chmod(into, 0o755)
    const argv = [
      'mmdebstrap',
      '--variant=minbase',
      '--mode=root',
      '--format=directory',
      `--architectures=${spec.arch}`,
    ]
    const settings = [
      `--include=${spec.packages.join(',')}`,
      `--aptopt=${options}`,
      ...noManuals.map((path) => `--dpkgopt=path-exclude=${path}`),
    ]
    const [program, ...args] = dieWithParent([
      ...argv,
      ...settings,
      spec.suite,
      into,
      ...(lines.length > 0 ? [sources] : []),
    ])
    const built = await execa(program, args, { reject: false, all: true, stdin: 'ignore', cancelSignal: signal })
    signal.throwIfAborted()
    if (built.failed) {
      throw new KeelError({
        code: 'lab-root',
        found: `mmdebstrap failed:\n${built.all.split('\n').slice(-12).join('\n')}`,
        todo: 'check that `apt-get update` works on this machine, then run it again',
      })
    }
  } finally {
    await rm(scratch, { recursive: true })
  }
}

const noManuals = ['/usr/share/man/*', '/usr/share/doc/*', '/usr/share/locale/*']

async function configure(spec: RootSpec, root: string): Promise<void> {
  for (const pattern of spec.removed) await execa('sh', ['-c', `rm -f -- "$0"/${pattern}`, root])
  for (const directory of spec.directories) await mkdir(join(root, directory), { recursive: true })
  for (const { path, content, mode } of spec.files) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await rm(join(root, path), { force: true })
    await writeFile(join(root, path), content)
    await chmod(join(root, path), mode)
  }
  for (const [path, target] of Object.entries(spec.links)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await rm(join(root, path), { force: true })
    await symlink(target, join(root, path))
  }
}
