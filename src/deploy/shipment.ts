import type { HostPlan } from '../plan/plan.ts'
import type { FilesRendered, PlacedArtifact, PlacedCredential } from '../targets/rendered.ts'

/** What of a plan travels in exec 2, in the order of the stream: credentials by line, then generation files, then artifacts, by length. */
export interface Shipment {
  readonly credentials: readonly PlacedCredential[]
  readonly artifacts: readonly (PlacedArtifact & { readonly size: number })[]
}

/** The parts of a host's plan that have to be shipped. `sizeOf` gives an artifact's bytes. */
export function shipmentOf(plan: HostPlan, rendered: FilesRendered, sizeOf: (artifact: PlacedArtifact) => number): Shipment {
  const named = (op: string, key: 'id' | 'path') =>
    new Set(
      plan.operations.flatMap((operation) => (operation.op === op && key in operation ? [Reflect.get(operation, key)] : [])),
    )
  const credentials = named('store-credential', 'id')
  const artifacts = named('push-artifact', 'path')
  return {
    credentials: rendered.credentials.filter(({ id }) => credentials.has(id)),
    artifacts: rendered.artifacts
      .filter(({ path }) => artifacts.has(path))
      .map((artifact) => ({ ...artifact, size: sizeOf(artifact) })),
  }
}
