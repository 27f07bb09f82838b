import { readFile, stat, statfs } from 'node:fs/promises'
import { availableParallelism, freemem, loadavg, machine, release, totalmem, uptime } from 'node:os'
import type { HostName } from '../../model/brands.ts'
import { addressesOf } from './addresses.ts'
import { mountsOf } from './mounts.ts'
import type { DiskReport, NodeReport } from './node-report.ts'
import { systemOf } from './os-release.ts'

/** What the machine is and how it does, right now. */
export async function readNode(name: HostName): Promise<NodeReport> {
  return {
    name,
    time: new Date().toISOString(),
    system: systemOf(await textOf('/etc/os-release')),
    kernel: release(),
    machine: machine(),
    uptime: Math.floor(uptime()),
    cpus: availableParallelism(),
    load: loadavg().map((one) => Math.round(one * 100) / 100),
    memory: { total: totalmem(), free: freemem() },
    disks: await readDisks(),
    addresses: addressesOf(await textOf('/proc/self/net/fib_trie'), await textOf('/proc/self/net/if_inet6')),
  }
}

/** @returns the empty text for a file that the machine does not have */
async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}

async function readDisks(): Promise<readonly DiskReport[]> {
  const mounts = mountsOf(await readFile('/proc/self/mountinfo', 'utf8'))
  const disks = await Promise.all(
    mounts.map(async ({ mount, type }) => {
      // unmounted meanwhile, or hidden from the agent
      const found = await statfs(mount).catch(() => undefined)
      if (found === undefined || found.blocks === 0) return []
      // a single file can be a mount, too
      if (!(await stat(mount)).isDirectory()) return []
      return [{ mount, type, total: found.blocks * found.bsize, free: found.bavail * found.bsize }]
    }),
  )
  return disks.flat()
}
