import type { DiskReport } from '../node/node-report.ts'
import type { Difference } from '../routes/drift.ts'
import type { ServiceReport } from '../services/services-report.ts'
import type { NewEvent } from './event-ring.ts'

/** A disk with less free than this share is low; one with more than the other is well again. */
const LOW = 0.1
const WELL = 0.12
/** Paths that one look names by themselves. */
const MOST_PATHS = 20

/** The units that have failed, and those that have recovered since the look before. */
export function noticedUnits(
  before: ReadonlySet<string>,
  services: readonly ServiceReport[],
): { readonly failed: ReadonlySet<string>; readonly events: readonly NewEvent[] } {
  const failed = new Map(services.filter(({ active }) => active === 'failed').map((one) => [one.unit, one]))
  const states = new Map(services.map((one) => [one.unit, one.active]))
  return {
    failed: new Set(failed.keys()),
    events: [
      ...[...failed.values()]
        .filter(({ unit }) => !before.has(unit))
        .map(
          ({ unit, result }): NewEvent => ({ kind: 'unit-failed', about: unit, message: `${unit} failed: ${result}` }),
        ),
      ...[...before]
        .filter((unit) => !failed.has(unit))
        .map(
          (unit): NewEvent => ({
            kind: 'unit-recovered',
            about: unit,
            message: `${unit} is no longer failed: ${states.get(unit) ?? 'inactive'}`,
          }),
        ),
    ],
  }
}

/** The disks that are nearly full, and those that no longer are. */
export function noticedDisks(
  before: ReadonlySet<string>,
  disks: readonly DiskReport[],
): { readonly low: ReadonlySet<string>; readonly events: readonly NewEvent[] } {
  const isLow = ({ mount, free, total }: DiskReport) => free < total * (before.has(mount) ? WELL : LOW)
  const percent = ({ free, total }: DiskReport) => `${Math.floor((free / total) * 100)} % of ${sizeOf(total)} is free`
  const low = disks.filter(isLow)
  const found = new Set(low.map(({ mount }) => mount))
  return {
    low: found,
    events: [
      ...low
        .filter(({ mount }) => !before.has(mount))
        .map((one): NewEvent => ({ kind: 'disk-low', about: one.mount, message: `${one.mount}: ${percent(one)}` })),
      ...disks
        .filter(({ mount }) => before.has(mount) && !found.has(mount))
        .map(
          (one): NewEvent => ({ kind: 'disk-recovered', about: one.mount, message: `${one.mount}: ${percent(one)}` }),
        ),
    ],
  }
}

function sizeOf(bytes: number): string {
  return `${Math.round(bytes / 2 ** 30)} GiB`
}

/** What differs from the last deploy and did not before, and the other way round. */
export function noticedDrift(
  before: ReadonlySet<string>,
  differences: readonly Difference[],
): { readonly differs: ReadonlySet<string>; readonly events: readonly NewEvent[] } {
  const differs = new Set(differences.map(({ path }) => path))
  const fresh = differences.filter(({ path }) => !before.has(path))
  const more = fresh.length - MOST_PATHS
  const rest: readonly NewEvent[] =
    more > 0 ? [{ kind: 'drift-found', about: '/', message: `${more} more paths differ from the last deploy` }] : []
  const gone = [...before].filter((path) => !differs.has(path))
  return {
    differs,
    events: [
      ...fresh.slice(0, MOST_PATHS).map(
        ({ path, kind }): NewEvent => ({
          kind: 'drift-found',
          about: path,
          message: `${path} differs from the last deploy: ${kind}`,
        }),
      ),
      ...rest,
      ...gone
        .slice(0, MOST_PATHS)
        .map(
          (path): NewEvent => ({ kind: 'drift-gone', about: path, message: `${path} is as the last deploy left it` }),
        ),
    ],
  }
}
