import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { KeelError } from '../../errors.ts'
import type { Host } from '../../model/cluster.ts'
import { whatToBuild } from './scripts.ts'

export interface LocalRebuild {
  readonly host: Host
  /** The inventory's folder. */
  readonly directory: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

/** Builds with the Nix of this machine (on another one where the inventory names it), and copies the system to the host. @returns its store path */
export async function buildHere(rebuild: LocalRebuild): Promise<string> {
  return withFolder(rebuild, async (run) => {
    await run('nixos-rebuild', ['build', ...system(rebuild), ...buildHost(rebuild)])
    const path = (await run('readlink', ['-f', 'result'])).trim()
    await run('nix', ['--extra-experimental-features', 'nix-command', 'copy', '--to', `ssh://${login(rebuild.host)}`, path])
    return path
  })
}

/** `test` or `boot` on the host, by nixos-rebuild's own options. */
export async function switchFromHere(verb: 'test' | 'boot', rebuild: LocalRebuild): Promise<void> {
  const sudo = rebuild.host.address.user === 'root' ? [] : ['--use-remote-sudo']
  await withFolder(rebuild, (run) =>
    run('nixos-rebuild', [verb, ...system(rebuild), ...buildHost(rebuild), '--target-host', login(rebuild.host), ...sudo]),
  )
}

type Run = (program: string, args: readonly string[]) => Promise<string>

/** A folder for `result` and for the one host key that ssh may accept: the inventory's. */
async function withFolder<Result>({ host, env, signal }: LocalRebuild, work: (run: Run) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'keel-nixos-'))
  try {
    const known = join(folder, 'known_hosts')
    const { port, host: name } = host.address
    await writeFile(known, `${port === 22 ? name : `[${name}]:${port}`} ${host.hostKey ?? ''}\n`)
    const ssh = [
      '-p',
      `${port}`,
      '-o',
      `UserKnownHostsFile=${known}`,
      '-o',
      'GlobalKnownHostsFile=/dev/null',
      '-o',
      'StrictHostKeyChecking=yes',
    ]
    return await work(async (program, args) => {
      const result = await execa(program, args, {
        cwd: folder,
        env: { ...env, NIX_SSHOPTS: ssh.join(' ') },
        extendEnv: false,
        reject: false,
        stdin: 'ignore',
        cancelSignal: signal,
      })
      signal.throwIfAborted()
      if (result.exitCode === 0) return result.stdout
      throw failed(host, program, args, result.code === 'ENOENT' ? undefined : result.stderr)
    })
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
      why: 'the inventory has its system built from here',
      todo: "install Nix here, or write `nixos: { build: 'target' }`: then the host builds it",
    })
  }
  return new KeelError({
    code: args[0] === 'build' ? 'build-failed' : 'switch-failed',
    at: host.name,
    found: `${program} ${args[0]} failed: ${stderr.trim().split('\n').slice(-12).join(' · ')}`,
    todo: `mend it, then run \`keel deploy ${host.name}\``,
  })
}

function system({ host, directory }: LocalRebuild): readonly string[] {
  const { nixos } = host
  // not `path:`: Nix sees what git tracks there, as the check before it did
  return nixos === undefined ? [] : whatToBuild(nixos, directory).map((word) => word.replace(/^path:/, ''))
}

function buildHost({ host }: LocalRebuild): readonly string[] {
  return host.nixos?.build.on === 'host' ? ['--build-host', host.nixos.build.address] : []
}

function login({ address: { user, host } }: Host): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}`
}
