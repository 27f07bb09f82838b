import type { Identity } from '../identity/kept-identity.ts'

/** Whether the agent has all that it works with, as `/v1/ready` tells it. */
export interface Readiness {
  readonly ready: boolean
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[]
}

export function readiness({ serving }: Identity): Readiness {
  const isOperational = serving?.name === 'operational'
  const checks = [
    {
      name: 'operational-certificate',
      ok: isOperational,
      detail: isOperational ? 'served' : 'Kubernetes has issued none that can be served',
    },
  ]
  return { ready: checks.every(({ ok }) => ok), checks }
}
