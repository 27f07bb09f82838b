import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { hostNamespace } from '../../../src/lab/names.ts'
import type { LabCluster } from '../lab/lab-cluster.ts'
import { until } from '../until.ts'
import type { Attempt } from './client.ts'

/** The part of a lab's cluster that this needs. A benchmark has no more. */
export type VipLab = Pick<LabCluster, 'lab' | 'host' | 'power'>

/** The time in which a host had the address, in ms since 1970, as its kernel reported it. */
export interface Holding {
  readonly host: string
  readonly from: number
  to: number
}

/**
 * Watches the cluster's address from a host that is not a server, and on every server through what the kernel reports
 * about its interfaces.
 */
export class VipWatch implements AsyncDisposable {
  readonly attempts: Attempt[] = []
  readonly holdings: Holding[] = []
  readonly #cluster: VipLab
  readonly #address: string
  /** The credential of the client is the administrator's, because the checker's expires while a test runs. */
  readonly #folder: string
  readonly #children = new Map<string, ChildProcess>()

  private constructor(cluster: VipLab, address: string, folder: string) {
    this.#folder = folder
    this.#cluster = cluster
    this.#address = address
  }

  static async start(cluster: VipLab, address: string, from: string): Promise<VipWatch> {
    const folder = await mkdtemp(join(tmpdir(), 'keel-vip-client-'))
    const watch = new VipWatch(cluster, address, folder)
    const server = cluster.host('server-1')
    const files = {
      ca: '/var/lib/rancher/k3s/server/tls/server-ca.crt',
      certificate: '/var/lib/rancher/k3s/server/tls/client-admin.crt',
      key: '/var/lib/rancher/k3s/server/tls/client-admin.key',
    }
    for (const [name, path] of Object.entries(files))
      await writeFile(join(folder, name), await server.sh(`cat ${path}`), { mode: 0o600 })
    for (const name of watch.#servers()) watch.follow(name)
    const client = new URL('client.ts', import.meta.url).pathname
    const own = watch.#servers().map((name) => cluster.host(name).described.nodeIP)
    watch.#spawn('client', from, [process.execPath, client, address, folder, ...own], (line) => {
      const attempt: Attempt = JSON.parse(line)
      watch.attempts.push(attempt)
    })
    return watch
  }

  /** Must be called again after a host was off, because it then has another network namespace. */
  follow(host: string): void {
    this.#children.get(host)?.kill()
    this.#ended(host, Date.now())
    this.#spawn(host, host, ['ip', '-tshort', '-oneline', 'monitor', 'address'], (line) => {
      if (!line.includes(` ${this.#address}/`)) return
      // [2026-11-21T14:51:19.123456] Deleted 2: eth0 inet 10.77.0.100/32 …
      const at = Date.parse(`${/^\[([^\]]+)\]/.exec(line)?.[1]}Z`)
      if (/\] ?Deleted /.test(line)) this.#ended(host, at)
      else if (!this.holds(host)) this.holdings.push({ host, from: at, to: Number.POSITIVE_INFINITY })
    })
  }

  /** The host is off. Nobody knows when exactly it lost the address. */
  gone(host: string): void {
    this.#ended(host, Date.now())
  }

  holds(host: string): boolean {
    return this.holdings.some((one) => one.host === host && one.to === Number.POSITIVE_INFINITY)
  }

  /** The server that last answered at the address. */
  owner(): string | undefined {
    const by = this.attempts.findLast(({ ready }) => ready)?.by
    return this.#servers().find((name) => this.#cluster.host(name).described.nodeIP === by)
  }

  /** Waits until the address has answered for more than a second. */
  async steady(seconds = 60): Promise<string> {
    await until(
      'the address answers',
      () => {
        const recent = this.attempts.filter(({ at }) => at > Date.now() - 1500)
        return recent.length > 10 && recent.every(({ ready }) => ready)
      },
      seconds,
    )
    const owner = this.owner()
    if (owner === undefined) throw new Error('nobody has answered')
    return owner
  }

  /**
   * Seconds without service since then: from the last ready answer before the first failed attempt to the first ready
   * answer after the last failed attempt.
   */
  outage(since: number): number {
    const told = this.attempts.toSorted((a, b) => a.at - b.at)
    const failed = told.filter(({ at, ready }) => !ready && at >= since)
    const [first, last] = [failed[0]?.at, failed.at(-1)?.at]
    if (first === undefined || last === undefined) return 0
    const before = told.findLast(({ at, ready }) => ready && at < first)?.at ?? first
    const after = told.find(({ at, ready }) => ready && at > last)?.at ?? Number.POSITIVE_INFINITY
    return (after - before) / 1000
  }

  /** Seconds of each interruption since then: from the ready answer before it to the ready answer after it. */
  gaps(since: number): readonly number[] {
    const told = this.attempts.filter(({ at }) => at >= since).toSorted((a, b) => a.at - b.at)
    const ready = told.filter((one) => one.ready)
    return ready.flatMap(({ at }, index) => {
      const next = ready[index + 1]?.at
      return next !== undefined && told.some((one) => !one.ready && one.at > at && one.at < next)
        ? [(next - at) / 1000]
        : []
    })
  }

  /** Milliseconds since then in which two hosts had the address at the same time. */
  overlap(since: number): number {
    const ends = this.holdings
      .map((one) => ({ ...one, from: Math.max(one.from, since), to: Math.min(one.to, Date.now()) }))
      .filter(({ from, to }) => to > from)
    const pairs = ends.flatMap((a, index) =>
      ends
        .slice(index + 1)
        .filter((b) => b.host !== a.host)
        .map((b) => Math.min(a.to, b.to) - Math.max(a.from, b.from)),
    )
    return Math.max(0, ...pairs)
  }

  /** How often a server took the address since then. */
  moves(since: number): number {
    return this.holdings.filter(({ from }) => from >= since).length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.values()) child.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }

  #servers(): readonly string[] {
    return this.#cluster.lab.hosts.flatMap(({ name, role }) => (role === 'server' ? [name] : []))
  }

  #ended(host: string, at: number): void {
    for (const one of this.holdings) if (one.host === host && one.to === Number.POSITIVE_INFINITY) one.to = at
  }

  #spawn(id: string, host: string, argv: readonly string[], onLine: (line: string) => void): void {
    const child = spawn('ip', ['netns', 'exec', hostNamespace(this.#cluster.lab.name, host), ...argv], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, TZ: 'UTC' },
    })
    createInterface({ input: child.stdout }).on('line', onLine)
    this.#children.set(id, child)
  }
}
