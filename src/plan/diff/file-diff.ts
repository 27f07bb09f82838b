import { structuredPatch } from 'diff'
import { type StyledLine, type StyledText, styled } from '../../model/text/styled-text.ts'
import { type HeldContent, MOST_BYTES } from '../../probes/host/file-contents.ts'
import { holdsSecrets, maskHeld, maskWanted } from './mask.ts'

/** Lines of a diff for one file. A plan is no place to read a whole file. */
const MOST_LINES = 60
/** Milliseconds to compare two files: those of 64 KiB with nothing in common take longer. */
const MOST_MS = 500
/** Unchanged lines around a change, as in `diff -u`. */
const CONTEXT = 3

/**
 * What differs inside a file, as a unified diff: the host's lines against those of the inventory, without anything that
 * is or may be a secret (`mask.ts`). If there is nothing to show, one line says why.
 */
export function fileDiff(path: string, held: HeldContent, wanted: string): StyledText {
  if (held.kind !== 'text') return aside(REASONS[held.kind])
  if (Buffer.byteLength(wanted) > MOST_BYTES) return aside(REASONS.large)
  if (holdsSecrets(path, held.text, wanted)) return aside('it may hold a secret')
  const patch = structuredPatch('', '', held.text, wanted, '', '', { context: CONTEXT, timeout: MOST_MS })
  if (patch === undefined) return aside('too much of it differs')
  const after = maskWanted(wanted)
  const before = maskHeld(held.text, after)
  const lines = patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }): StyledText => {
    let [old, now] = [oldStart - 1, newStart - 1]
    const body = lines.map((line): StyledLine => {
      switch (line[0]) {
        case '-':
          return [styled('removed', `-${before[old++] ?? ''}`)]
        case '+':
          return [styled('added', `+${after[now++] ?? ''}`)]
        case '\\':
          return [styled('aside', line)]
        default:
          old++
          return [` ${after[now++] ?? ''}`]
      }
    })
    return [[styled('aside', `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`)], ...body]
  })
  if (lines.length <= MOST_LINES) return lines
  return [...lines.slice(0, MOST_LINES), ...aside(`${lines.length - MOST_LINES} more lines`, '… ')]
}

const REASONS: Readonly<Record<Exclude<HeldContent['kind'], 'text'>, string>> = {
  binary: 'it is binary',
  large: 'it is too large',
  unread: 'the host did not show it',
}

function aside(why: string, before = 'its content is not shown: '): StyledText {
  return [[styled('aside', `${before}${why}`)]]
}
