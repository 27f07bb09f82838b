import type { Identity } from '../identity/kept-identity.ts'

/** Whether the agent has all that it works with, as `/v1/ready` tells it. */
export interface Readiness {
  readonly ready: boolean
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[]
}

/** @param problem what is in the way of a certificate from Kubernetes */
export function readiness({ serving }: Identity, problem?: string): Readiness {
  const isOperational = serving?.name === 'operational'
  const checks = [
    {
      name: 'operational-certificate',
      ok: isOperational,
      detail: isOperational ? 'served' : (problem ?? 'Kubernetes has issued none that can be served'),
    },
  ]
  return { ready: checks.every(({ ok }) => ok), checks }
}
