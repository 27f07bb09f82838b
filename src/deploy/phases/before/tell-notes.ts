import { hasOperation } from '../../../plan/operation.ts'
import type { Deployment } from '../../deployment.ts'

/** What deploy does not change, but a user should know. */
export async function tellNotes({ planned: { plan }, hosts, emit }: Deployment): Promise<void> {
  // which k3s a system has that is about to be built, only the build knows
  const built = hosts
    .filter((host) => hasOperation(host.plan.operations, 'switch-system'))
    .map(({ plan: { host } }): string => host)
  for (const note of plan.notes) {
    const isForBuild = note.code === 'nixos-other-patch' && built.includes(note.at)
    if (!isForBuild) emit({ event: 'note', host: note.at, note })
  }
}
