import { readdir, readFile, readlink } from 'node:fs/promises'
import type { HostCounts } from '../names.ts'

/**
 * Inotify instances of a host that runs k3s: those of systemd, containerd and the kubelet, and on a server those of the
 * control plane. Counted with the look-alike.
 */
const instances: HostCounts = { server: 24, agent: 13, spare: 13 }

/**
 * Hosts share the inotify instances of the machine. If there are too many hosts, k3s ends with `too many open files`,
 * which names no cause.
 * @returns the warning for such a lab before it boots, or undefined if there are enough instances
 */
export async function inotifyWarning(hosts: HostCounts): Promise<string | undefined> {
  const [limit, used] = await Promise.all([
    readFile('/proc/sys/fs/inotify/max_user_instances', 'utf8'),
    inotifyInstances(),
  ])
  return shortage(hosts, Number(limit), used)
}

/** The pure part: `used` of `limit` instances are in use. */
export function shortage(hosts: HostCounts, limit: number, used: number): string | undefined {
  const needed = instances.server * hosts.server + instances.agent * hosts.agent + instances.spare * hosts.spare
  if (used + needed <= limit) return undefined
  return `k3s on all of these hosts needs about ${needed} inotify instances; ${Math.max(limit - used, 0)} of ${limit} are free. Where it ends with \`too many open files\`: sysctl fs.inotify.max_user_instances=${Math.max(1024, 2 * (used + needed))}`
}

async function inotifyInstances(): Promise<number> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const counts = await Promise.all(processes.map(countOf))
  return counts.reduce((sum, count) => sum + count, 0)
}

/** The number of a process. A process that ends while keel looks at it has none. */
async function countOf(process: string): Promise<number> {
  const descriptors = await readdir(`/proc/${process}/fd`).catch(() => [])
  const targets = await Promise.all(descriptors.map((name) => readlink(`/proc/${process}/fd/${name}`).catch(() => '')))
  return targets.filter((target) => target === 'anon_inode:inotify').length
}
