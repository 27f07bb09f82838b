/** The lines that two texts do not share, in order: `- old`, `+ new`. */
export function lineDiff(before: string, after: string): readonly string[] {
  const [a, b] = [before, after].map((text) => text.split('\n').filter((line) => line.trim() !== ''))
  return a === undefined || b === undefined ? [] : walk(a, b, commonLengths(a, b))
}

/** By i and j, how many lines `a` from i on and `b` from j on have in common (longest common subsequence). */
function commonLengths(a: readonly string[], b: readonly string[]): (i: number, j: number) => number {
  const width = b.length + 1
  const lengths = new Uint32Array((a.length + 1) * width)
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  return at
}

function walk(a: readonly string[], b: readonly string[], common: (i: number, j: number) => number): readonly string[] {
  const lines: string[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++
      j++
    } else if (j >= b.length || (i < a.length && common(i + 1, j) >= common(i, j + 1)))
      lines.push(`- ${a[i++]?.trim()}`)
    else lines.push(`+ ${b[j++]?.trim()}`)
  }
  return lines
}
