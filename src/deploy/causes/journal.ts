import { sh } from '../../templates/shell-quote.ts'
import type { Dialect } from './dialect.ts'
import type { HeardLine } from './find-cause.ts'

/** The number of lines that the host sends, of those that may show a cause: the first ones and the newest ones. */
const [first, newest] = [30, 60]

/**
 * Bash: `tell_journal UNIT SECONDS` looks through all that a unit has said since then (seconds since 1970). Prints
 * `heard: TIME TEXT` for lines that may tell a cause, `now: TIME`, and `journal: TEXT` for the last lines. Bounded: a
 * line that was cut loses its last word, which may be half of a secret.
 */
export function journalTeller({ causes, lastWords, otherWords }: Dialect): string {
  return sh`tell_journal() {
  local words heard short='/^.{600}./{s/^(.{600}).*/\\1/;s/[^ ]*$/.../}'
  words=${[...new Set(causes.flatMap(({ says }) => says)), ...lastWords, ...otherWords].join('\n')}
  journalctl --sync
  heard=$(journalctl --unit="$1" --since="@$2" --output=short-unix --no-pager 2>/dev/null |
    sed -nE 's/^([0-9]+)\\.[0-9]+ [^ ]+ [^ ]+: (.*)/\\1 \\2/p' | grep -F -e "$words" | sed -E "$short" | tail -n 2000) || heard=
  if [ "$(wc -l <<<"$heard")" -le ${first + newest} ]; then printf '%s\n' "$heard"
  else head -n ${first} <<<"$heard"; tail -n ${newest} <<<"$heard"
  fi | sed '/./s/^/heard: /'
  printf 'now: %s\n' "$(date +%s)"
  # not --lines: beside --since it gives the first ones (systemd 252)
  journalctl --unit="$1" --since="@$2" --output=cat --no-pager 2>/dev/null | tail -n 12 | sed -E "$short" | sed 's/^/journal: /'
}`
}

export interface ToldJournal {
  readonly heard: readonly HeardLine[]
  readonly lastLines: readonly string[]
}

export function parseJournal(stdout: string): ToldJournal {
  const lines = stdout.split('\n')
  const after = (name: string) => lines.flatMap((line) => (line.startsWith(name) ? [line.slice(name.length)] : []))
  const now = Number(after('now: ')[0]) || 0
  const heard = after('heard: ').map((line) => {
    const at = line.indexOf(' ')
    return { age: now - (Number(line.slice(0, at)) || 0), text: line.slice(at + 1) }
  })
  return { heard, lastLines: after('journal: ') }
}
