import { type Probe, rows } from '../../model/probe.ts'
import { sh } from '../../templates/shell-quote.ts'

/** What a host has in a file. */
export type HeldContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary' }
  /** Larger than keel reads. */
  | { readonly kind: 'large' }
  /** No plain file any more, or behind a link: it may be another file than the path says. */
  | { readonly kind: 'unread' }

/** Bytes of one file. Configuration is smaller; more would be no text that a person reads in a plan. */
export const MOST_BYTES = 64 * 1024

/**
 * The content of a few files, to show how they differ. A folder may belong to somebody who replaces the file meanwhile:
 * so keel follows no link, and `timeout` ends a read from a pipe.
 */
export const fileContents: Probe<readonly string[], Readonly<Record<string, HeldContent>>> = {
  name: 'file-contents',
  script: (paths) => sh`for path in ${paths}; do
  if [ -L "$path" ] || [ ! -f "$path" ] || [ "$(realpath -e -- "$path")" != "$path" ]; then continue; fi
  if [ "$(stat --printf %s -- "$path")" -gt ${MOST_BYTES} ]; then printf '%s\tlarge\n' "$path"; continue; fi
  printf '%s\ttext\t%s\n' "$path" "$(timeout 5 head -c ${MOST_BYTES} -- "$path" | base64 -w0)"
done`,
  parse: (stdout) =>
    Object.fromEntries(rows(stdout).map(([path = '', kind, base64 = '']) => [path, content(kind, base64)])),
}

function content(kind: string | undefined, base64: string): HeldContent {
  if (kind === 'large') return { kind }
  if (kind !== 'text') return { kind: 'unread' }
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length > MOST_BYTES) return { kind: 'large' }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? { kind: 'binary' } : { kind: 'text', text }
  } catch {
    return { kind: 'binary' }
  }
}
