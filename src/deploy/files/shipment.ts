import { operationsOf } from '../../plan/operation.ts'
import type { HostPlan } from '../../plan/plan.ts'
import type { FilesRendered, PlacedArtifact, PlacedCredential } from '../../targets/rendered.ts'

/**
 * The parts of a plan that exec 2 sends, in the order of the stream: credentials by line, then generation files, then
 * artifacts, by length.
 */
export interface Shipment {
  readonly credentials: readonly PlacedCredential[]
  readonly artifacts: readonly (PlacedArtifact & { readonly size: number })[]
}

/** The parts of a host's plan that have to be shipped. `sizeOf` gives an artifact's bytes. */
export function shipmentOf(
  plan: HostPlan,
  rendered: FilesRendered,
  sizeOf: (artifact: PlacedArtifact) => number,
): Shipment {
  const credentials = new Set(operationsOf(plan.operations, 'store-credential').map(({ id }) => id))
  return {
    credentials: rendered.credentials.filter(({ id }) => credentials.has(id)),
    artifacts: pushedArtifacts(plan, rendered).map((artifact) => ({ ...artifact, size: sizeOf(artifact) })),
  }
}

export function pushedArtifacts({ operations }: HostPlan, { artifacts }: FilesRendered): readonly PlacedArtifact[] {
  const pushed = new Set(operationsOf(operations, 'push-artifact').map(({ path }) => path))
  return artifacts.filter(({ path }) => pushed.has(path))
}
