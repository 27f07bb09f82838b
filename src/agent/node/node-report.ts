import type { HostName } from '../../model/brands.ts'

/** The machine, as `/v1/node` tells it. Sizes are in bytes, times in seconds. */
export interface NodeReport {
  readonly name: HostName
  /** RFC 3339, UTC: the machine's clock. */
  readonly time: string
  /** /etc/os-release (os-release(5)). */
  readonly system: { readonly id: string; readonly version: string; readonly name: string }
  readonly kernel: string
  /** `x86_64`, `aarch64`. */
  readonly machine: string
  readonly uptime: number
  readonly cpus: number
  /** Of the last 1, 5 and 15 minutes. */
  readonly load: readonly number[]
  readonly memory: { readonly total: number; readonly free: number }
  readonly disks: readonly DiskReport[]
  /** IPv4 and IPv6, without loopback and link-local ones. */
  readonly addresses: readonly string[]
}

export interface DiskReport {
  readonly mount: string
  readonly type: string
  readonly total: number
  /** For programs without root's reserve. */
  readonly free: number
}
