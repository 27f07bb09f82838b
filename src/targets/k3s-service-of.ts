import type { HostState, K3sService } from '../desired/host-state.ts'

/** What a host of k3s has of its own: only what renders k3s asks for it. */
export function k3sServiceOf({ distribution: { own } }: Pick<HostState, 'distribution'>): K3sService {
  if (own.kind !== 'k3s') throw new Error(`k3s's service of a ${own.kind} host`)
  return own
}
