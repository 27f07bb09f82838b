import type { Host } from '../../model/cluster.ts'
import type { SeenPast } from './seen-past.ts'

/** Whether the host has never joined (or founded) a cluster. */
export function isNew({ role }: Pick<Host, 'role'>, { past }: { readonly past: SeenPast }): boolean {
  return role === 'server' ? !past.server : !past.agent
}
