import type { Path, Report } from '../report.ts'
import { fieldsOf, type Side } from '../schema/fields-of.ts'
import type { IgnitionOf, Kind, Value, ValueOf } from '../schema/kinds.ts'
import { isStructData } from '../schema/kinds.ts'
import type { Version } from '../versions.ts'

/** The place of a value, and what a check needs to know to judge it. */
export interface Place {
  readonly path: Path
  readonly report: Report
  readonly version: Version
}

/** A check for every value of one kind. */
export interface Check {
  readonly kind: Kind
  readonly run: (value: never, place: Place) => void
}

export function butaneCheck<K extends Kind>(kind: K, run: (value: ValueOf<K>, place: Place) => void): Check {
  return { kind, run }
}
export function ignitionCheck<K extends Kind>(kind: K, run: (value: IgnitionOf<K>, place: Place) => void): Check {
  return { kind, run }
}

/**
 * Calls a visitor with a value and everything below it: parents first, fields in Ignition's order. Paths have the
 * spelling of that side.
 */
export function visit(
  kind: Kind,
  value: Value,
  side: Side,
  place: Place,
  visitor: (kind: Kind, value: Value, place: Place) => void,
): void {
  visitor(kind, value, place)
  if (kind.kind === 'list' && Array.isArray(value)) {
    for (const [index, item] of entriesOf(value)) visit(kind.item, item, side, below(place, index), visitor)
  } else if (kind.kind === 'struct' && isStructData(value)) {
    for (const { name, yaml, field } of fieldsOf(kind, side, place.version)) {
      const child = value[name]
      if (child !== undefined) visit(field.of, child, side, below(place, side === 'butane' ? yaml : name), visitor)
    }
  }
}

/** The entries of a list with their indexes. */
export function entriesOf(list: readonly Value[]): Iterable<[number, Value]> {
  return list.entries()
}

/** Runs every check on the values of its kind. */
export function runChecks(checks: readonly Check[], kind: Kind, value: Value, side: Side, place: Place): void {
  const byKind = Map.groupBy(checks, (check) => check.kind)
  visit(kind, value, side, place, (visited, found, at) => {
    // the kind of a check determines the type of its value
    for (const check of byKind.get(visited) ?? []) check.run(found as never, at)
  })
}

export function below({ path, report, version }: Place, ...steps: Path): Place {
  return { path: [...path, ...steps], report, version }
}
