import type { Part } from '../part.ts'
import { type HostUpdates, hostUpdates } from './host-updates.ts'
import { noteNewer } from './note-newer.ts'
import { type PlacedUpdates, placeUpdates } from './place-updates.ts'
import { planUpdates } from './plan-updates.ts'
import { refuseUpdates } from './refuse-updates.ts'
import { type UpdatesState, updatesState } from './updates-state.ts'

/** New images of Kubernetes, which systemd-sysupdate downloads and keel puts to use. */
export const sysupdate: Part<'sysupdate', HostUpdates, PlacedUpdates, UpdatesState> = {
  name: 'sysupdate',
  starts: 'after',
  wants: ({ cluster }) => hostUpdates(cluster),
  place: (updates) => placeUpdates(updates),
  firstBootUnits: ({ timer }) => (timer === undefined ? [] : [timer.unit]),
  probe: updatesState,
  units: ({ timer }) => (timer === undefined ? [] : [timer]),
  plan: planUpdates,
  refuse: refuseUpdates,
  note: noteNewer,
}
