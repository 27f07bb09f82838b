import { createSocket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { availableParallelism, networkInterfaces, totalmem } from 'node:os'
import type { VkubeletConfig } from '../../model/systemd-kubelet/vkubelet-config.ts'
import { diskLeft } from '../host/disk-left.ts'
import { systemctl } from '../host/systemctl.ts'
import type { NodeFacts, Taint } from '../node/node-facts.ts'
import type { Left } from '../node/pressures.ts'

/** What this host is. Nothing of it changes while the program runs. */
export async function hostFacts({ node, api, reserve }: VkubeletConfig): Promise<NodeFacts> {
  const [disk, machineId, bootId, kernel, release, version] = await Promise.all([
    diskLeft(),
    textOf('/etc/machine-id'),
    textOf('/proc/sys/kernel/random/boot_id'),
    textOf('/proc/sys/kernel/osrelease'),
    textOf('/etc/os-release'),
    systemctl('--version'),
  ])
  const [server = ''] = api.servers
  return {
    name: node.name,
    labels: node.labels,
    taints: node.taints.map(taintOf),
    arch: process.arch === 'arm64' ? 'arm64' : 'amd64',
    cores: availableParallelism(),
    memory: totalmem(),
    disk: disk.total,
    mostPods: node.pods,
    reserve,
    addresses: node.addresses.length > 0 ? node.addresses : [await addressTowards(new URL(server).hostname)],
    port: node.port,
    system: {
      machineId,
      bootId,
      kernel,
      osImage: prettyName(release),
      systemd: /^systemd (\d+)/.exec(version)?.[1] ?? '',
      version: node.kubernetes,
    },
  }
}

/** What is left of it now. */
export async function leftOnHost(): Promise<Left> {
  const [disk, memory, load, mostNumbers, mostThreads] = await Promise.all([
    diskLeft(),
    textOf('/proc/meminfo'),
    textOf('/proc/loadavg'),
    textOf('/proc/sys/kernel/pid_max'),
    textOf('/proc/sys/kernel/threads-max'),
  ])
  const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(memory)?.[1] ?? 0) * 1024
  return {
    memory: { total: kibibytes('MemTotal'), available: kibibytes('MemAvailable') },
    disk,
    // proc(5): the fourth field is running/all of what the kernel schedules
    tasks: { most: Math.min(Number(mostNumbers), Number(mostThreads)), now: Number(/\/(\d+)/.exec(load)?.[1] ?? 0) },
  }
}

/** `key=value:Effect`, as the inventory has it. */
export function taintOf(text: string): Taint {
  const [pair = '', effect] = text.split(':')
  const [key = '', value] = pair.split('=')
  return { key, ...(value === undefined || value === '' ? {} : { value }), effect: effect as Taint['effect'] }
}

/** PRETTY_NAME of os-release(5). */
export function prettyName(release: string): string {
  return /^PRETTY_NAME=(["']?)(.*)\1$/m.exec(release)?.[2] ?? 'Linux'
}

/**
 * The address from which this host reaches another one, by the kernel's routes. Nothing is sent: connecting a UDP socket
 * only chooses the way.
 */
async function addressTowards(host: string): Promise<string> {
  const plain = host.replace(/^\[|\]$/g, '')
  const found = await new Promise<string | undefined>((resolve) => {
    const socket = createSocket(plain.includes(':') ? 'udp6' : 'udp4')
    socket.once('error', () => resolve(undefined))
    socket.connect(9, plain, () => {
      resolve(socket.address().address)
      socket.close()
    })
  })
  if (found !== undefined && !found.startsWith('127.') && found !== '::1') return found
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1'
}

async function textOf(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).trim()
}
