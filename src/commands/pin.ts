import { resolve } from 'node:path'
import { ownBinary } from '../artifacts/own-binary.ts'
import { pinK3s } from '../artifacts/pin-k3s.ts'
import { pinNode } from '../artifacts/pin-node.ts'
import type { Pinned, Pins } from '../artifacts/pins.ts'
import { refuseNoProgram } from '../artifacts/program-arch.ts'
import { checkNodeVersion, checkProgramVersion } from '../artifacts/program-version.ts'
import { ExitCode, KeelError } from '../errors.ts'
import { loadInventory } from '../inventory/load.ts'
import type { K3sVersion } from '../model/brands.ts'
import { ARCHS, type Arch, type Host } from '../model/cluster.ts'
import { NODE_ARTIFACT, needsBundle, nodeVersion } from '../model/keel-agent/agent-program.ts'
import { manifestUrls } from '../model/kubeadm/manifest-source.ts'
import { changePins, type Pinning } from './shared/change-pins.ts'
import { type Command, directory, type InDirectory, type Io } from './shared/command.ts'
import { networkPinning, pinnedWithImage } from './shared/pin-network.ts'

interface PinInput extends InDirectory {
  readonly file?: readonly string[]
  readonly releases?: string
  readonly sysext?: boolean
  readonly node?: readonly string[]
  readonly nodeReleases?: string
}

export const pin: Command<PinInput> = {
  name: 'pin',
  summary:
    'look up the URLs and checksums of k3s, of Node for the keel-agent and of manifests at URLs, and write keel.lock.json',
  options: [
    directory,
    {
      flags: '--file <arch=path...>',
      summary: 'pin your own k3s binary (`amd64=./k3s`) instead of the release',
    },
    {
      flags: '--releases <url>',
      summary: 'look up k3s at this mirror (same layout as the k3s releases), also if it is already pinned',
    },
    {
      flags: '--node <arch=path...>',
      summary: 'for the keel-agent: pin your own Node program (`amd64=./node`) instead of the release',
    },
    {
      flags: '--node-releases <url>',
      summary: 'look up Node at this mirror (same layout as nodejs.org/dist), also if it is already pinned',
    },
    { flags: '--sysext', summary: 'also pin the system extension of k3s, for Flatcar hosts that you add later' },
  ],
  examples: [
    ['keel pin', 'look up k3s; with kubeadm, Node for the keel-agent and the manifests at URLs'],
    ['keel pin --file amd64=./k3s', 'pin your own k3s binary'],
  ],
  exits: [ExitCode.Locked],
  async run(input, io) {
    const { directory, cluster } = await loadInventory(resolve(io.cwd, input.directory ?? '.'))
    const { distribution } = cluster
    const agents = cluster.hosts.filter((host) => host.os !== 'nixos' && needsBundle(cluster, host))
    const isKubeadm = distribution.kind === 'kubeadm'
    if (isKubeadm && hasOptionsOf(agents.length === 0 ? 'k3s and Node' : 'k3s', input))
      throw pinnedWithImage(distribution.version)
    const files = filesByArch('--file', input.file ?? [], io.cwd)
    const nodes = filesByArch('--node', input.node ?? [], io.cwd)
    if (!isKubeadm) await checkFiles(files, distribution.version, io)
    await checkNodes(nodes)
    if (isKubeadm && agents.length === 0 && manifestUrls(distribution).length === 0)
      throw pinnedWithImage(distribution.version)
    const { env, signal } = io
    // with kubeadm every host gets its programs as images
    const needImages = cluster.hosts.filter(({ os }) => os === 'flatcar' || input.sysext === true || isKubeadm)
    const common = { images: { archs: archsOf(needImages), env }, env, signal }
    const programs: Pinning = isKubeadm
      ? networkPinning(distribution, io)
      : {
          pin: (pins) =>
            pinK3s(pins, {
              version: distribution.version,
              archs: archsOf(cluster.hosts),
              files,
              ...common,
              ...mirror(input.releases),
            }),
          lines: (pins) => linesOf(pins, 'k3s', distribution.version),
        }
    const node: Pinning = {
      pin: (pins) => pinNode(pins, { archs: archsOf(agents), files: nodes, ...common, ...mirror(input.nodeReleases) }),
      lines: (pins) => (agents.length === 0 ? [] : linesOf(pins, NODE_ARTIFACT, nodeVersion)),
    }
    for (const line of await changePins(directory, [programs, node])) io.print(line)
    return ExitCode.Done
  },
}

function hasOptionsOf(what: 'k3s' | 'k3s and Node', { file, releases, sysext, node, nodeReleases }: PinInput): boolean {
  const others = what === 'k3s' ? [] : [node, nodeReleases]
  return [file, releases, sysext, ...others].some((value) => value !== undefined)
}

function linesOf({ artifacts }: Pins, name: string, version: string): readonly string[] {
  return Object.entries<Pinned | undefined>(artifacts[name]?.[version] ?? {}).flatMap(([arch, artifact]) => {
    if (artifact === undefined) return []
    const { sha256, url, sysext } = artifact
    const image = sysext === undefined ? [] : [`  as a system extension: ${sysext}`]
    return [`${name} ${version} ${arch}: ${sha256} ${url}`, ...image]
  })
}

/**
 * @throws KeelError for a file that is not a complete program of the architecture, or has another version (exit 2), and
 * for a file that can't be read
 */
async function checkFiles(files: Partial<Record<Arch, string>>, version: K3sVersion, io: Io): Promise<void> {
  for (const arch of ARCHS) {
    const file = files[arch]
    if (file === undefined) continue
    await ownBinary(file)
    await refuseNoProgram(file, arch)
    const doubt = await checkProgramVersion(file, arch, version)
    if (doubt !== undefined) io.note(`note: ${doubt}`)
  }
}

/** @throws KeelError as `checkFiles` */
async function checkNodes(files: Partial<Record<Arch, string>>): Promise<void> {
  for (const arch of ARCHS) {
    const file = files[arch]
    if (file === undefined) continue
    await ownBinary(file)
    await refuseNoProgram(file, arch, NODE_ARTIFACT)
    await checkNodeVersion(file, arch, nodeVersion)
  }
}

function mirror(url: string | undefined): { readonly releases?: string } {
  return url === undefined ? {} : { releases: url.replace(/\/+$/, '') }
}

function archsOf(hosts: readonly Host[]): readonly Arch[] {
  return [...new Set(hosts.map(({ arch }) => arch))]
}

function filesByArch(option: string, specs: readonly string[], cwd: string): Partial<Record<Arch, string>> {
  const pairs = specs.map((spec) => {
    const [name, ...rest] = spec.split('=')
    const arch = ARCHS.find((one) => one === name)
    if (arch === undefined || rest.length === 0) {
      throw new KeelError({
        code: 'usage',
        at: option,
        found: spec,
        todo: 'write it as amd64=PATH or arm64=PATH',
        exit: ExitCode.Usage,
      })
    }
    return [arch, resolve(cwd, rest.join('='))] as const
  })
  const doubled = pairs.find(([arch], index) => pairs.findIndex(([first]) => first === arch) < index)
  if (doubled === undefined) return Object.fromEntries(pairs)
  throw new KeelError({
    code: 'usage',
    at: option,
    found: `${doubled[0]} is given twice`,
    todo: 'give one binary for each architecture',
    exit: ExitCode.Usage,
  })
}
