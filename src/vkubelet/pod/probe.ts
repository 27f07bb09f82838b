/** How somebody finds out whether a container is well, or tells it something (Kubernetes, ProbeHandler, LifecycleHandler). */
export type Action =
  | { readonly kind: 'exec'; readonly command: readonly string[] }
  | {
      readonly kind: 'http'
      /** Absent: the Pod's address. */
      readonly host?: string
      readonly port: number
      readonly path: string
      readonly isTls: boolean
      readonly headers: readonly (readonly [name: string, value: string])[]
    }
  | { readonly kind: 'tcp'; readonly host?: string; readonly port: number }
  | { readonly kind: 'grpc'; readonly port: number; readonly service: string }
  /** Only of a hook. */
  | { readonly kind: 'sleep'; readonly seconds: number }

/** Times in seconds. */
export interface Probe {
  readonly action: Action
  readonly delay: number
  readonly period: number
  readonly timeout: number
  /** How many in a row change the result. */
  readonly successes: number
  readonly failures: number
  /** Instead of the Pod's, when the container ends by this probe. */
  readonly grace?: number
}

export type ProbeKind = 'startup' | 'liveness' | 'readiness'
export type Probes = Readonly<Partial<Record<ProbeKind, Probe>>>

export interface Hooks {
  readonly postStart?: Action
  readonly preStop?: Action
}
