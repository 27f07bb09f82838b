import type { EnvironmentSource } from './environment-source.ts'
import type { Hooks, Probes } from './probe.ts'
import type { Quantity } from './quantity.ts'
import type { ReportedStatus } from './reported-status.ts'
import type { Mount, Volume } from './volume.ts'

/** Who a Pod is. Two Pods with one name have different UIDs. */
export interface PodIdentity {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** What of a Pod this Node runs: checked, and without a value of a secret. */
export interface Pod extends PodIdentity {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly serviceAccount: string
  readonly generation: number
  readonly restartPolicy: RestartPolicy
  /** Seconds between the first signal and the last one. */
  readonly grace: number
  /** Seconds from its start on that it may run at most. */
  readonly longest?: number
  readonly deletion?: Deletion
  /** One after the other, before `containers`. */
  readonly initContainers: readonly Container[]
  readonly containers: readonly Container[]
  readonly volumes: readonly Volume[]
  /** Of the files in the Pod's volumes; absent: the owner's. */
  readonly fsGroup?: number
  /** What the API server has of this Node's reports. */
  readonly reported: ReportedStatus
}

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never'

interface Deletion {
  /** Milliseconds: when the grace has ended. */
  readonly by: number
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly pullPolicy: 'Always' | 'IfNotPresent' | 'Never'
  /** Instead of the image's program; empty: the image's. */
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly workingDir?: string
  /** In order: a later one of the same name counts. */
  readonly environment: readonly EnvironmentSource[]
  readonly mounts: readonly Mount[]
  readonly hostPorts: readonly HostPort[]
  readonly probes: Probes
  readonly hooks: Hooks
  readonly resources: Resources
  readonly security: Security
}

/** A port of the host that a Pod wants for itself. */
export interface HostPort {
  readonly port: number
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
}

export interface Resources {
  readonly limits: Amounts
  readonly requests: Amounts
}

export interface Amounts {
  readonly cpu?: Quantity
  readonly memory?: Quantity
}

export interface Security {
  /** 0 is root. */
  readonly user: number
  /** Absent: the user's. */
  readonly group?: number
  readonly capabilities: readonly string[]
  readonly mayGainPrivileges: boolean
  readonly isRootReadOnly: boolean
  readonly isSeccompDefault: boolean
}
