/** One minor of Kubernetes 1.x: 36 for 1.36. */
interface Minor {
  readonly minor: number
  /** The last day with fixes from upstream, `2027-06-28`. */
  readonly ends: string
}

/**
 * Until when upstream fixes each minor. A keel of today knows no minor that is released later, so no version is called
 * unsupported for being newer than the table.
 * @see https://kubernetes.io/releases/
 */
export const SUPPORT_WINDOW: readonly Minor[] = [
  { minor: 33, ends: '2026-06-28' },
  { minor: 34, ends: '2026-10-27' },
  { minor: 35, ends: '2027-02-28' },
  { minor: 36, ends: '2027-06-28' },
  { minor: 37, ends: '2027-10-28' },
]

/** The day on which somebody compared the table with its source. */
export const SUPPORT_WINDOW_READ = '2026-11-28'

export type Support =
  | { readonly kind: 'supported'; readonly ends: string }
  /** `ends` is absent for a minor that is older than the table: it ended before the first one of it. */
  | { readonly kind: 'ended'; readonly ends?: string }
  /** Newer than the table. */
  | { readonly kind: 'unknown' }

/** What the table says of a minor on a day. Pure. @param today `2026-11-29` */
export function supportOf(minor: number, today: string, table: readonly Minor[] = SUPPORT_WINDOW): Support {
  const known = table.find((one) => one.minor === minor)
  if (known !== undefined) return { kind: today > known.ends ? 'ended' : 'supported', ends: known.ends }
  const [oldest] = table
  if (oldest === undefined || minor > oldest.minor) return { kind: 'unknown' }
  return today > oldest.ends ? { kind: 'ended' } : { kind: 'unknown' }
}

/** The minors of the table that are supported on a day, the oldest first. Empty if the table is too old to tell. */
export function supportedMinors(today: string, table: readonly Minor[] = SUPPORT_WINDOW): readonly number[] {
  return table.filter(({ ends }) => today <= ends).map(({ minor }) => minor)
}

/** The day in UTC, as the table has it. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10)
}
