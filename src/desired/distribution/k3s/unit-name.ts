import type { Role } from '../../../model/cluster.ts'
import type { UnitName } from '../../../model/systems/unit-name.ts'

/** systemd's name of the service: k3s's own installer and the Flatcar extension use these two. */
export function k3sUnitName(role: Role): UnitName {
  return role === 'server' ? 'k3s.service' : 'k3s-agent.service'
}
