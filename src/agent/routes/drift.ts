import type { Helper } from '../helper/helper.ts'

/** What differs on this host from what the last deploy placed, as `/v1/drift` tells it: never a content. */
export interface DriftReport {
  /** False: nothing on the host says what was placed, because an earlier keel did it, or none. */
  readonly known: boolean
  /** How many paths the host compared. */
  readonly compared: number
  /** At most 500. */
  readonly differences: readonly Difference[]
  /** There are more differences. */
  readonly cut?: true
}

export interface Difference {
  readonly path: string
  readonly kind: DifferenceKind
}

const kinds = ['missing', 'type', 'content', 'mode', 'owner', 'system'] as const
/**
 * `missing`: nothing is there. `type`: it is something else, a link instead of a file, say. `content`: the content or
 * the target of the link. `mode`, `owner`: only these. `system`: on NixOS, another system runs, or is booted next.
 */
type DifferenceKind = (typeof kinds)[number]

const MOST = 500

/** @throws HelperError */
export async function readDrift(helper: Helper): Promise<DriftReport> {
  return driftOf(await helper.ask('look', 'drift'))
}

/** @param lines `known`, `differs\tKIND\tPATH` for each difference, `compared\tCOUNT` */
export function driftOf(lines: readonly string[]): DriftReport {
  const all = lines.flatMap((line): readonly Difference[] => {
    const [, word, path] = /^differs\t([a-z]+)\t(\/.{0,4095})$/.exec(line) ?? []
    const kind = kinds.find((one) => one === word)
    return kind === undefined || path === undefined ? [] : [{ path, kind }]
  })
  const [, compared] = /^compared\t(\d{1,6})$/m.exec(lines.join('\n')) ?? []
  return {
    known: lines.includes('known'),
    compared: Number(compared ?? 0),
    differences: all.slice(0, MOST),
    ...(all.length > MOST ? { cut: true } : {}),
  }
}
