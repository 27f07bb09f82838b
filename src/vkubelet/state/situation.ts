import type { ReportedRun } from '../pod/reported-status.ts'
import { type End, LOST } from '../units/end.ts'
import type { UnitMetadata } from '../units/metadata.ts'
import type { ShownUnit } from './shown-units.ts'

/** Where a container is, by all that is known of it. */
export type Situation =
  /** No run yet, and no unit. */
  | { readonly kind: 'absent' }
  /** Its unit is there, and this run has not begun. */
  | { readonly kind: 'prepared'; readonly metadata: UnitMetadata }
  | { readonly kind: 'starting'; readonly metadata: UnitMetadata; readonly invocation: string }
  | {
      readonly kind: 'running'
      readonly metadata: UnitMetadata
      readonly invocation: string
      readonly started?: number
    }
  | {
      readonly kind: 'ended'
      /** Absent where even the unit is gone. */
      readonly metadata?: UnitMetadata
      readonly run: number
      readonly invocation?: string
      readonly end: End
    }

/**
 * @param metadata of the unit's file
 * @param shown what systemd says; absent where it has not loaded the unit
 * @param reported what the API server has of this container
 */
export function situationOf(
  metadata: UnitMetadata | undefined,
  shown: ShownUnit | undefined,
  reported: Pick<ReportedRun, 'restarts' | 'invocation'> | undefined,
): Situation {
  const lost = (run: number, invocation: string | undefined): Situation => ({
    kind: 'ended',
    ...(metadata === undefined ? {} : { metadata }),
    run,
    ...(invocation === undefined ? {} : { invocation }),
    end: LOST,
  })
  if (metadata === undefined)
    return reported?.invocation === undefined ? { kind: 'absent' } : lost(reported.restarts, reported.invocation)
  const { run, after } = metadata
  const invocation = shown?.invocation
  if (shown === undefined || invocation === undefined || invocation === after) {
    // its start was seen and reported, and systemd has nothing of it
    const hasBegun = reported?.invocation !== undefined && reported.restarts >= run && reported.invocation !== after
    return hasBegun ? lost(run, reported.invocation) : { kind: 'prepared', metadata }
  }
  if (shown.end !== undefined) return { kind: 'ended', metadata, run, invocation, end: shown.end }
  if (shown.active === 'activating') return { kind: 'starting', metadata, invocation }
  if (shown.active === 'inactive' || shown.active === 'unknown') return lost(run, invocation)
  const { started } = shown
  return { kind: 'running', metadata, invocation, ...(started === undefined ? {} : { started }) }
}
