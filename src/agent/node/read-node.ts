import { readFile, statfs } from 'node:fs/promises'
import { availableParallelism, freemem, loadavg, machine, networkInterfaces, release, totalmem, uptime } from 'node:os'
import type { HostName } from '../../model/brands.ts'
import { mountsOf } from './mounts.ts'
import type { DiskReport, NodeReport } from './node-report.ts'
import { systemOf } from './os-release.ts'

/** What the machine is and how it does, right now. */
export async function readNode(name: HostName): Promise<NodeReport> {
  return {
    name,
    time: new Date().toISOString(),
    system: systemOf(await readFile('/etc/os-release', 'utf8').catch(() => '')),
    kernel: release(),
    machine: machine(),
    uptime: Math.floor(uptime()),
    cpus: availableParallelism(),
    load: loadavg().map((one) => Math.round(one * 100) / 100),
    memory: { total: totalmem(), free: freemem() },
    disks: await readDisks(),
    addresses: Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
      addresses.filter(({ internal }) => !internal).map(({ address }) => ({ interface: name, address })),
    ),
  }
}

async function readDisks(): Promise<readonly DiskReport[]> {
  const mounts = mountsOf(await readFile('/proc/self/mountinfo', 'utf8'))
  const disks = await Promise.all(
    mounts.map(async ({ mount, type }) => {
      // unmounted meanwhile, or hidden from the agent
      const found = await statfs(mount).catch(() => undefined)
      if (found === undefined || found.blocks === 0) return []
      return [{ mount, type, total: found.blocks * found.bsize, free: found.bavail * found.bsize }]
    }),
  )
  return disks.flat()
}
