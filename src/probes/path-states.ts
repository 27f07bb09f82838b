import { type Probe, rows } from '../model/probe.ts'
import { sh } from '../templates/shell-quote.ts'

export type PathState =
  | { readonly kind: 'none' }
  | { readonly kind: 'file'; readonly mode: string; readonly owner: string; readonly group: string; readonly sha256: string }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'directory'; readonly mode: string }
  | { readonly kind: 'other' }

/**
 * What stands at each path, a link itself and not what it leads to. Whose folder it is may put any text into a link, a row of this answer say: so no control
 * character of it is printed.
 */
export const pathStates: Probe<readonly string[], Readonly<Record<string, PathState>>> = {
  name: 'path-states',
  script: (paths) => sh`
for path in ${paths}; do
  if [ -L "$path" ]; then target=$(readlink -- "$path"); printf '%s\tlink\t%s\n' "$path" "\${target//[[:cntrl:]]/?}"
  elif [ -f "$path" ]; then printf '%s\tfile\t%s\t%s\n' "$path" "$(stat --printf '%a\t%U\t%G' -- "$path")" "$(sha256sum < "$path")"
  elif [ -d "$path" ]; then printf '%s\tdirectory\t%s\n' "$path" "$(stat -c %a -- "$path")"
  elif [ -e "$path" ]; then printf '%s\tother\n' "$path"
  else printf '%s\tnone\n' "$path"
  fi
done`,
  parse: (stdout) => Object.fromEntries(rows(stdout).map(([path = '', ...columns]) => [path, toState(columns)])),
}

function toState([kind, first = '', second = '', third = '', fourth = '']: readonly string[]): PathState {
  switch (kind) {
    case 'link':
      return { kind, target: first }
    case 'file':
      return { kind, mode: first.padStart(4, '0'), owner: second, group: third, sha256: fourth.slice(0, 64) }
    case 'directory':
      return { kind, mode: first.padStart(4, '0') }
    case 'none':
      return { kind }
    default:
      return { kind: 'other' }
  }
}
