import type { Deployment } from '../../deployment.ts'
import { pushedArtifacts } from '../../files/shipment.ts'

/**
 * Everything that is to be pushed is on this machine, and has the pinned hash.
 * @throws KeelError for an artifact that can't be had
 */
export async function fetchArtifacts({ hosts, localArtifact }: Deployment): Promise<void> {
  for (const host of hosts) {
    if (host.kind !== 'files') continue
    for (const artifact of pushedArtifacts(host.plan, host.rendered)) await localArtifact(artifact)
  }
}
