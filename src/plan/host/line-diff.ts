import { diffArrays } from 'diff'

/** The lines that two texts do not share, in order: `- old`, `+ new`. Blank lines count for nothing, and indents are not shown. */
export function lineDiff(before: string, after: string): readonly string[] {
  return diffArrays(linesOf(before), linesOf(after)).flatMap(({ added, removed, value }) =>
    added || removed ? value.map((line) => `${added ? '+' : '-'} ${line.trim()}`) : [],
  )
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '')
}
