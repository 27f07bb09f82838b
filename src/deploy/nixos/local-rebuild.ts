import { mkdtemp, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { KeelError } from '../../errors.ts'
import type { Host } from '../../model/cluster.ts'
import { configuration, whatToBuild } from './scripts.ts'
import { type SshAccess, sshAccess } from './ssh-access.ts'

/** What a build from here needs, for any host. */
export interface RebuildPlace {
  /** Of the inventory: a build host among them is known by its key there. */
  readonly hosts: readonly Host[]
  /** The inventory's folder. */
  readonly directory: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Private keys for OpenSSH besides its own. */
  readonly identities: readonly string[]
  readonly signal: AbortSignal
}

export interface LocalRebuild extends RebuildPlace {
  readonly host: Host
}

/**
 * Runs a program of this machine and gives its stdout.
 * @throws KeelError `no-nix`, `build-failed` or `switch-failed`
 */
export type Run = (program: string, args: readonly string[]) => Promise<string>

interface Workplace extends Pick<SshAccess, 'target' | 'builder'> {
  readonly folder: string
  readonly run: Run
}

/** Nix must not write to files of the inventory while keel works on them. */
const asLocked = '--no-write-lock-file'
const flakes = ['--extra-experimental-features', 'nix-command flakes']

/**
 * Builds with the Nix of this machine (on another one where the inventory names it), and copies the system to the host.
 * @returns its store path
 */
export async function buildHere(rebuild: LocalRebuild): Promise<string> {
  return withWorkplace(rebuild, async (place) => {
    const system = await build(rebuild, place)
    await place.run('nix', [...flakes, 'copy', '--to', `ssh://${place.target}`, system])
    return system
  })
}

/** Builds for a plan: copies nothing to the host. */
export async function withBuilt<Result>(
  rebuild: LocalRebuild,
  look: (system: string, run: Run) => Promise<Result>,
): Promise<Result> {
  return withWorkplace(rebuild, async (place) => look(await build(rebuild, place), place.run), true)
}

/**
 * `test` or `boot` on the host, by nixos-rebuild's own options. Not --build-host: the result is already here, and
 * nixos-rebuild of some releases would let the build host connect to the target, with its own keys.
 */
export async function switchFromHere(verb: 'test' | 'boot', rebuild: LocalRebuild): Promise<void> {
  const sudo = rebuild.host.address.user === 'root' ? [] : ['--use-remote-sudo']
  await withWorkplace(rebuild, ({ run, target }) =>
    run('nixos-rebuild', [verb, '--fast', ...system(rebuild), '--target-host', target, ...sudo]),
  )
}

/** --fast: no newer nixos-rebuild is built first. */
async function build(rebuild: LocalRebuild, { run, folder, builder }: Workplace): Promise<string> {
  const buildHost = builder === undefined ? [] : ['--build-host', builder]
  await run('nixos-rebuild', ['build', '--fast', ...system(rebuild), ...buildHost])
  // built elsewhere it is copied here, and no link says where it is
  return builder === undefined ? readlink(join(folder, 'result')) : evaluated(rebuild, run)
}

async function evaluated(rebuild: LocalRebuild, run: Run): Promise<string> {
  const { host, directory } = rebuild
  const source = host.nixos?.source
  if (source?.kind !== 'flake') {
    const from = source === undefined ? [] : configuration(source.file, directory)
    const args = ['--eval', '--json', '-A', 'system.outPath', '<nixpkgs/nixos>', ...from]
    return String(JSON.parse(await run('nix-instantiate', args)))
  }
  const attribute = `nixosConfigurations."${source.attribute}".config.system.build.toplevel.outPath`
  return (await run('nix', [...flakes, 'eval', '--raw', `${directory}#${attribute}`, asLocked])).trim()
}

/**
 * A folder for `result`, and for what ssh is told.
 * @param whole an interrupt also ends everything that the program has started; then ssh has no terminal to ask on
 */
async function withWorkplace<Result>(
  rebuild: LocalRebuild,
  work: (place: Workplace) => Promise<Result>,
  whole = false,
): Promise<Result> {
  const { host, hosts, env, identities, signal } = rebuild
  const folder = await mkdtemp(join(tmpdir(), 'keel-nixos-'))
  try {
    const [config, known] = [join(folder, 'ssh_config'), join(folder, 'known_hosts')]
    const access = sshAccess(host, hosts, known, identities)
    await Promise.all([writeFile(config, access.config), writeFile(known, access.knownHosts)])
    const run: Run = async (program, args) => {
      const child = execa(program, args, {
        cwd: folder,
        env: { ...env, NIX_SSHOPTS: `-F ${config}` },
        extendEnv: false,
        reject: false,
        stdin: 'ignore',
        cancelSignal: signal,
        detached: whole,
      })
      if (whole) signal.addEventListener('abort', () => child.pid && process.kill(-child.pid), { once: true })
      const result = await child
      signal.throwIfAborted()
      if (result.exitCode === 0) return result.stdout
      throw failed(host, program, args, result.code === 'ENOENT' ? undefined : result.stderr)
    }
    return await work({ ...access, folder, run })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function failed(host: Host, program: string, args: readonly string[], stderr: string | undefined): KeelError {
  if (stderr === undefined) {
    return new KeelError({
      code: 'no-nix',
      at: host.name,
      found: `no ${program} on this machine`,
      why: 'the inventory says that this machine builds the system',
      todo: "install Nix here, or set `nixos: { build: 'target' }` so that the host builds it",
    })
  }
  const isSwitch = args[0] === 'test' || args[0] === 'boot'
  return new KeelError({
    code: isSwitch ? 'switch-failed' : 'build-failed',
    at: host.name,
    found: `${program} ${args[0]} failed: ${stderr.trim().split('\n').slice(-12).join(' · ')}`,
    todo: `fix the cause shown above, then run \`keel deploy ${host.name}\``,
  })
}

/** Not `path:`: Nix sees what git tracks there, as the check before it did. */
function system({ host: { nixos }, directory }: LocalRebuild): readonly string[] {
  if (nixos === undefined) return []
  return [...whatToBuild(nixos, directory, ''), ...(nixos.source.kind === 'flake' ? [asLocked] : [])]
}
