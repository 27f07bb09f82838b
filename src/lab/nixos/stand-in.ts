import { chmod, chown, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { carriedFolder, copyCarried } from '../../carried.ts'
import type { Artifact } from '../description.ts'

const model = '/usr/local/lib/nixos-stand-in'
const age = '/nix/store/stand-in-age'
/** Where `nix-channel` keeps root's channels. */
const channels = '/nix/var/nix/profiles/per-user/root/channels'
/** This link exists when a host has built its first system, which has no k3s. */
export const firstSystem = 'nix/var/nix/profiles/system'

/**
 * Turns a Debian host of a lab into a stand-in for a NixOS host, before its first boot. Nix is already in the lab's
 * root. This adds a nixos-rebuild that evaluates and builds with it (test/nixos/standin), and k3s at a place in the
 * store. The system that it builds comes from the model, not from NixOS.
 * @param base the root of all hosts
 * @param upper the layer of this host above it
 */
export async function makeStandIn(base: string, upper: string, k3s: Artifact): Promise<void> {
  await copyCarried('test/nixos', join(upper, model))
  await file(upper, '/etc/nix/nix.conf', nixConf)
  const debian = await readFile(join(base, 'usr/lib/os-release'), 'utf8')
  await file(upper, '/etc/os-release', debian.replace(/^ID=.*$/m, 'ID=nixos'))
  await file(upper, '/etc/systemd/system/stand-in-boot.service', bootUnit)
  const links = {
    '/etc/systemd/system/multi-user.target.wants/stand-in-boot.service': '/etc/systemd/system/stand-in-boot.service',
    '/usr/local/bin/nixos-rebuild': `${model}/standin/nixos-rebuild`,
    // in PATH, as the profile of the system is on NixOS
    '/usr/local/bin/k3s': '/run/current-system/sw/bin/k3s',
    [`${age}/bin/age`]: '/usr/bin/age',
  }
  for (const [path, target] of Object.entries(links)) await link(upper, path, target)
  await bringNode(upper)
  await linkPrograms(base, upper)
  await updateChannels(upper, k3s)
}

/** The Node of nixpkgs, for the keel-agent: Debian has none. keel's executable is no Node for others. */
async function bringNode(upper: string): Promise<void> {
  if (carriedFolder('test/nixos') === undefined) return
  const bin = join(upper, '/nix/store/made-up-nodejs-slim_24/bin')
  await mkdir(bin, { recursive: true })
  await cp(process.execPath, join(bin, 'node'))
}

/** Packages of nixpkgs → packages of Debian. So a script finds the programs in its own PATH, and no others. */
const packages = {
  bash: 'bash',
  coreutils: 'coreutils',
  findutils: 'findutils',
  gnugrep: 'grep',
  gnused: 'sed',
  systemd: 'systemd',
  iproute2: 'iproute2',
  openssl: 'openssl',
}

async function linkPrograms(base: string, upper: string): Promise<void> {
  for (const [name, debian] of Object.entries(packages)) {
    const listed = await readFile(join(base, `var/lib/dpkg/info/${debian}.list`), 'utf8')
    // a program with two paths counts once
    const programs = new Map(
      [...listed.matchAll(/^(?:\/usr)?\/s?bin\/([^/]+)$/gm)].map(([path, program = '']) => [program, path]),
    )
    for (const [program, path] of programs) await link(upper, `/nix/store/made-up-${name}/bin/${program}`, path)
  }
  // writable for a group and sticky, like every store, where the group is nixbld
  await chown(join(upper, '/nix/store'), 0, nobody)
  await chmod(join(upper, '/nix/store'), 0o1775)
}

/** The id of Debian's group `nogroup`. */
const nobody = 65_534

/**
 * Does the same as `nix-channel --update`: the host's next build finds a nixpkgs with this k3s. Nothing is built or
 * switched.
 * @param root the file system of the host, as a path on this machine
 */
export async function updateChannels(
  root: string,
  { path, version }: Pick<Artifact, 'path' | 'version'>,
): Promise<void> {
  const k3sVersion = version.slice(1)
  const bin = join(root, `/nix/store/stand-in-k3s-${k3sVersion}/bin`)
  await mkdir(bin, { recursive: true })
  await cp(path, join(bin, 'k3s'))
  const generation = `/nix/store/stand-in-channels-${k3sVersion}`
  await copyCarried('test/nixos', join(root, generation, 'nixpkgs'))
  await file(root, `${generation}/nixpkgs/machine.nix`, machineNix(k3sVersion))
  await link(root, `${generation}/agenix`, 'nixpkgs/standin/agenix')
  await rm(join(root, channels), { force: true })
  await link(root, channels, generation)
}

/** `machine.nix` of the stand-in's nixpkgs: what it must know about the machines. */
export function machineNix(k3sVersion: string): string {
  return `{ k3sVersion = "${k3sVersion}"; system = "${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux"; }\n`
}

/** Nix builds as root, with the programs of the host. */
const nixConf = `build-users-group =
sandbox = false
substitute = false
`

const bootUnit = `[Unit]
After=network-online.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${model}/standin/boot
`

async function file(root: string, path: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content)
}

async function link(root: string, path: string, target: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await symlink(target, join(root, path))
}
