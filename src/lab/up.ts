import { existsSync, lstatSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import * as z from 'zod'
import { ExitCode, KeelError } from '../errors.ts'
import type { DistributionKind } from '../model/distribution/distribution.ts'
import supervisor from '../templates/lab/supervisor.sh'
import { type Lab, type LabHost, writeLab } from './description.ts'
import { type LabDistribution, labDistribution } from './distribution.ts'
import { ensureIgnition } from './flatcar/ignition.ts'
import { makeFlatcarLayer } from './flatcar/layer.ts'
import { flatcarUser } from './flatcar/layer-files.ts'
import { isRunning, powerOn, prepareHost, waitForBoot } from './host/host.ts'
import { hostFiles, loginFiles } from './host/host-files.ts'
import { generateKeyPair, labIdentity } from './host/ssh-keys.ts'
import { machineArch } from './k3s/k3s-source.ts'
import { withFileLock } from './machine/file-lock.ts'
import { inotifyWarning } from './machine/inotify.ts'
import { checkMachine, thisMachine } from './machine/requirements.ts'
import { sweepLab } from './machine/sweep.ts'
import { type HostCounts, hostsOf, maxHosts } from './names.ts'
import {
  chooseNetwork,
  gatewayOf,
  hostAddresses,
  hostNetworkScript,
  type IpBatch,
  type LabNetwork,
  switchBatches,
} from './network/network.ts'
import { firstSystem, makeStandIn } from './nixos/stand-in.ts'
import { ensureRoot } from './root/root.ts'
import { rootSpec } from './root/root-spec.ts'
import { type HostPaths, hostPaths, type LabPaths, labLock, labPaths, subnetLock } from './state.ts'
import type { Work } from './work.ts'

export interface LabRequest {
  readonly name: string
  readonly counts: HostCounts
  /** What its hosts are for: k3s, if it is absent. */
  readonly distribution?: DistributionKind
  /** Names of hosts that are Flatcar look-alikes instead of Debian. */
  readonly flatcar?: readonly string[]
  /** Names of hosts that act as NixOS machines. */
  readonly nixos?: readonly string[]
  /** A private key with its .pub beside it; absent: the lab makes one. */
  readonly identity?: string
}

/**
 * Boots a lab. Returns when the sshd and the images of every host are there. All or nothing: on an error, or when
 * `work.signal` aborts, keel removes the lab. First it removes what a crashed lab of the same name left.
 * @throws KeelError `lab-machine`, `lab-size`, `lab-exists`, `lab-identity` (exit 2), `lab-busy` (exit 5),
 * `lab-boot`, and those of its parts
 */
export async function labUp(request: LabRequest, work: Work): Promise<Lab> {
  checkMachine(thisMachine(work.env))
  const hosts = hostsOf(request.counts)
  if (hosts.length === 0 || hosts.length > maxHosts) {
    throw new KeelError({
      code: 'lab-size',
      found: `${hosts.length} hosts`,
      why: `a lab has 1 to ${maxHosts}`,
      exit: ExitCode.Usage,
    })
  }
  refuseUnknown('--flatcar', request.flatcar ?? [], hosts)
  if (request.distribution === 'kubeadm') refuseNixos(request.nixos ?? [])
  refuseUnknown(
    '--nixos',
    request.nixos ?? [],
    hosts.filter(({ name }) => !request.flatcar?.includes(name)),
  )
  return withFileLock(labLock(work.env, request.name), 1, async () => {
    const paths = labPaths(work.env, request.name)
    await refuseLiving(request.name, paths, hosts)
    await sweepLab(request.name, work.env)
    const crowded = await inotifyWarning(request.counts)
    if (crowded !== undefined) work.note(crowded)
    const failed = new AbortController()
    const signal = AbortSignal.any([work.signal, failed.signal])
    try {
      const distribution = labDistribution(request.distribution ?? 'k3s', { ...work, signal })
      const description = distribution.description()
      const booted = bootHosts(request, hosts, paths, distribution, { ...work, signal }, failed)
      await together([booted, description], failed)
      const lab: Lab = { format: 1, name: request.name, ...(await booted), ...(await description) }
      await writeLab(lab, work.env)
      return lab
    } catch (error) {
      await sweepLab(request.name, work.env)
      throw error
    }
  })
}

/**
 * Removes a lab in any state: complete, half booted by a keel that was killed, or left by a crash. Waits for an `up`
 * that still runs.
 * @throws KeelError `lab-machine` (exit 2), `lab-busy` (exit 5), `lab-remains`
 */
export async function labDown(name: string, work: Work): Promise<void> {
  checkMachine(thisMachine(work.env))
  await withFileLock(labLock(work.env, name), 30, () => sweepLab(name, work.env))
}

/** @param hosts the hosts that the flag may name */
function refuseUnknown(flag: string, names: readonly string[], hosts: readonly { readonly name: string }[]): void {
  const unknown = names.find((name) => !hosts.some((host) => host.name === name))
  if (unknown === undefined) return
  throw new KeelError({
    code: 'lab-host',
    at: flag,
    found: `this lab has no host ${JSON.stringify(unknown)}`,
    todo: `choose one of ${hosts.map((host) => host.name).join(', ')}`,
    exit: ExitCode.Usage,
  })
}

function refuseNixos(names: readonly string[]): void {
  if (names.length === 0) return
  throw new KeelError({
    code: 'lab-host',
    at: '--nixos',
    found: 'a NixOS host in a lab for kubeadm',
    why: 'keel has no kubeadm on NixOS',
    todo: 'leave out --nixos, or use k3s',
    exit: ExitCode.Usage,
  })
}

/** A lab with a description and a running host is in use; anything else is left from a crash. */
async function refuseLiving(lab: string, paths: LabPaths, hosts: readonly { readonly name: string }[]): Promise<void> {
  if (!existsSync(paths.description)) return
  const running = await Promise.all(hosts.map(({ name }) => isRunning(lab, name)))
  if (!running.some(Boolean)) return
  throw new KeelError({
    code: 'lab-exists',
    found: `lab ${lab} is up`,
    todo: `use it (\`keel lab status\`), run \`keel lab down --name ${lab}\` first, or give this one another --name`,
    exit: ExitCode.Usage,
  })
}

/**
 * Waits until all parts have ended. The first failure stops the others, because a host that still boots after a sweep
 * would stay.
 */
async function together(parts: readonly (Promise<unknown> | undefined)[], failed: AbortController): Promise<void> {
  for (const part of parts) part?.catch((error: unknown) => failed.abort(error))
  const ended = await Promise.allSettled(parts)
  if (ended.some(({ status }) => status === 'rejected')) throw failed.signal.reason
}

type Booted = Pick<Lab, 'subnet' | 'identity' | 'hosts' | 'images'>

async function bootHosts(
  request: LabRequest,
  named: ReturnType<typeof hostsOf>,
  paths: LabPaths,
  distribution: LabDistribution,
  work: Work,
  failed: AbortController,
): Promise<Booted> {
  const arch = machineArch()
  const { flatcar = [], nixos = [] } = request
  const osOf = (name: string): LabHost['os'] =>
    flatcar.includes(name) ? 'flatcar' : nixos.includes(name) ? 'nixos' : 'debian'
  const ignition = flatcar.length === 0 ? undefined : ensureIgnition(work)
  const root = ensureRoot(rootSpec(arch), work)
  const parts = [root, distribution.images(root), ignition] as const
  await together(parts, failed)
  const [base, images] = await Promise.all(parts)
  work.signal.throwIfAborted()
  await mkdir(paths.directory, { recursive: true, mode: 0o700 })
  await writeFile(paths.supervisor, supervisor)
  if (ignition !== undefined) await makeFlatcarLayer(base, paths.flatcar)
  const identity = await labIdentity(request.identity, paths.identity)
  const network = await withFileLock(subnetLock(work.env), 30, () => plugIn(request.name))
  const hosts = named.map((host, index) => ({
    ...host,
    ...hostAddresses(network, index),
    os: osOf(host.name),
    ...(osOf(host.name) === 'flatcar' ? {} : { hostKey: generateKeyPair() }),
  }))
  await together(
    hosts.map(async (host) => {
      const { hostKey } = host
      const own = await distribution.host(host)
      const files = [
        ...hostFiles(host, hosts, gatewayOf(network), own.files),
        ...(hostKey === undefined ? [] : loginFiles(hostKey, identity.public)),
      ]
      const networkScript = hostNetworkScript(request.name, network, host, hosts)
      const layers = hostKey === undefined ? [paths.flatcar, base] : [base]
      const { directories } = own
      await prepareHost(paths, {
        ...{ lab: request.name, name: host.name, layers, files, directories, networkScript },
        images: images?.path,
      })
      work.signal.throwIfAborted()
      if (hostKey === undefined) return
      const k3s = await distribution.k3s
      if (host.os === 'nixos' && k3s !== undefined) await makeStandIn(base, hostPaths(paths, host.name).upper, k3s)
      await powerOn(paths, host.name)
      const isReady = (own: HostPaths) =>
        (images === undefined || existsSync(own.imagesMarker)) &&
        (host.os !== 'nixos' || isThere(join(own.upper, firstSystem)))
      await waitForBoot(paths, request.name, host, isReady, work.signal)
    }),
    failed,
  )
  return {
    subnet: network.subnet,
    identity: identity.path,
    images: images?.tags ?? [],
    hosts: hosts.map(
      ({ name, role, os, nodeIP, podCIDR, hostKey }): LabHost => ({
        name,
        role,
        arch,
        os,
        ...(hostKey === undefined
          ? { address: `${flatcarUser}@${nodeIP}` }
          : { address: `root@${nodeIP}`, hostKey: hostKey.public }),
        nodeIP,
        podCIDR,
      }),
    ),
  }
}

/** Whether a link exists. Its target does not exist on this machine. */
function isThere(link: string): boolean {
  return lstatSync(link, { throwIfNoEntry: false }) !== undefined
}

/**
 * Chooses the network of the lab and connects the machine to it. The caller makes sure that no other lab chooses one at
 * the same time.
 */
async function plugIn(lab: string): Promise<LabNetwork> {
  const network = chooseNetwork(await takenNetworks())
  for (const batch of switchBatches(lab, network)) await ip(batch)
  return network
}

const addressList = z.array(
  z.object({ addr_info: z.array(z.object({ local: z.string().optional(), prefixlen: z.number() })) }),
)
const routeList = z.array(z.object({ dst: z.string() }))

/** IPv4 networks in which this machine has an address, or to which it has a route, as CIDRs. */
async function takenNetworks(): Promise<readonly string[]> {
  const [addresses, routes] = await Promise.all([
    execa('ip', ['-json', '-4', 'address']),
    execa('ip', ['-json', '-4', 'route', 'show', 'table', 'all']),
  ])
  return [
    ...addressList
      .parse(JSON.parse(addresses.stdout))
      .flatMap(({ addr_info }) => addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`)),
    // a route to one address has no length; `default` is no network
    ...routeList.parse(JSON.parse(routes.stdout)).map(({ dst }) => (dst.includes('/') ? dst : `${dst}/32`)),
  ]
}

async function ip({ namespace, lines }: IpBatch): Promise<void> {
  await execa('ip', [...(namespace === undefined ? [] : ['-netns', namespace]), '-batch', '-'], {
    input: lines.map((line) => `${line}\n`).join(''),
  })
}
