import type { Container, Pod } from '../pod/pod.ts'
import type { Operation } from './operation.ts'
import type { World } from './world.ts'

/** systemd gives these numbers away itself, and needs no entry for them (systemd, docs/UIDS-GIDS.md). */
const DYNAMIC = { first: 61_184, last: 65_519 }

/** The user of a container that runs now needs an entry in /etc/passwd: without one systemd runs one unit of it at a time. */
export function userToAdd({ users }: World, pod: Pod, { security: { user } }: Container): readonly Operation[] {
  const isDynamic = user >= DYNAMIC.first && user <= DYNAMIC.last
  return user === 0 || isDynamic || users.known.has(user) ? [] : [{ kind: 'add-user', pod, user }]
}

/** The users that were added for Pods which are gone, with their units. */
export function usersToRemove({ users: { ofPods }, pods, units }: World): readonly Operation[] {
  if (ofPods.size === 0) return []
  const wanted = pods.flatMap((one) => (one.kind === 'pod' ? usersOf(one.pod) : []))
  const inUse = [...units.values()].map(({ text = '' }) => Number(/^User=(\d+)$/m.exec(text)?.[1] ?? 0))
  const kept = new Set([...wanted, ...inUse])
  return [...ofPods].filter((user) => !kept.has(user)).map((user) => ({ kind: 'remove-user', user }))
}

function usersOf({ initContainers, containers }: Pod): readonly number[] {
  return [...initContainers, ...containers].map(({ security }) => security.user)
}
