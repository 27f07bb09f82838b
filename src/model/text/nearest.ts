/** The name that the user probably meant: the nearest one by number of edits, if it is near enough for a hint. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.floor((name.length + 1) / 3) + 1
  for (const candidate of names) {
    const distance = edits(name.toLowerCase(), candidate.toLowerCase())
    if (distance < least) {
      best = candidate
      least = distance
    }
  }
  return best
}

/** `did you mean 'x'?`, or a list of the possible names. */
export function hint(name: string, names: Iterable<string>): string | undefined {
  const known = [...names]
  const meant = nearest(name, known)
  if (meant !== undefined) return `did you mean '${meant}'?`
  return known.length > 0 && known.length <= 24 ? `choose one of ${known.join(', ')}` : undefined
}

/** Damerau-Levenshtein distance, in which neighbours are swapped at most once (optimal string alignment). */
function edits(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(at(last, column - 1) + (same ? 0 : 1), at(last, column) + 1, at(current, column - 1) + 1)
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return at(last, b.length)
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY
