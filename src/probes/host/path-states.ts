import { type Probe, rows } from '../../model/probe.ts'
import contentsFunctions from '../../templates/host/contents.sh'
import { sh } from '../../templates/shell-quote.ts'
import { stateDirectory } from './generation.ts'

export type PathState =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'file'
      readonly mode: string
      readonly owner: string
      readonly group: string
      readonly sha256: string
    }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'directory'; readonly mode: string }
  | { readonly kind: 'other' }

/** What is larger takes longer to read than all other questions: it is read once a plan. */
export const LARGE_BYTES = 1 << 20
/** Paths that one program gets. Linux starts none with more than 2 MB of arguments, and a path has 4 KB at most. */
const AT_ONCE = 256

/**
 * What is at each path: of a link the link itself, and not what it leads to. Of a file the content's digest, and of a
 * large one what tells whether it has been written since; `largeFiles` has its content. Whose folder it is may put any
 * text into a link, a row of this answer say: so no control character of it is printed.
 */
export const pathStates: Probe<readonly string[], Readonly<Record<string, PathState>>> = {
  name: 'path-states',
  // many at once, because starting a program for each file takes longer than its work
  script: (paths) => `${sh`
there=() small=()
for path in ${paths}; do
  if [ -L "$path" ]; then target=$(readlink -- "$path"); printf '%s\tlink\t%s\n' "$path" "\${target//[[:cntrl:]]/?}"
  elif [ -e "$path" ]; then there+=("$path")
  else printf '%s\tnone\n' "$path"
  fi
done
for ((at = 0; at < \${#there[@]}; at += ${AT_ONCE})); do
while IFS=$'\t' read -r path kind mode owner group size written; do
  case $kind in
    regular*)
      printf '%s\tfile\t%s\t%s\t%s\n' "$path" "$mode" "$owner" "$group"
      if [ "$size" -gt ${LARGE_BYTES} ]; then printf '%s\twritten\t%s\n' "$path" "$written"; else small+=("$path"); fi ;;
    directory) printf '%s\tdirectory\t%s\n' "$path" "$mode" ;;
    *) printf '%s\tother\n' "$path" ;;
  esac
done < <(stat --printf '%n\t%F\t%a\t%U\t%G\t%s\t%d %i %s %.9Y %.9Z\n' -- "\${there[@]:at:${AT_ONCE}}" 2>/dev/null)
done`}
${digestsOf('small')}`,
  parse: (stdout) => {
    const found = Map.groupBy(rows(stdout), ([path = '']) => path)
    return Object.fromEntries([...found].map(([path, of]) => [path, toState(of.map(([, ...columns]) => columns))]))
  },
}

/** What the last deploy has read (src/templates/host/note-content.sh). */
const contentsFile = `${stateDirectory}/current/contents`

/**
 * The contents of the large files among `$seen`, which contains the output of `pathStates`. The parser reads these rows
 * together with those of `pathStates`. A file that has not been written since a deploy read it is not read again: that
 * takes a second of the processor for a program of a hundred megabytes.
 */
export const largeFiles = {
  name: 'large-files',
  script: (contents: string = contentsFile) => `${contentsFunctions}${sh`know_contents ${contents}`}
large=()
${eachLarge(`if [ -n "\${contents[$written]-}" ]; then printf '%s\\tsha256\\t%s\\n' "$path" "\${contents[$written]}"; else large+=("$path"); fi`)}
${digestsOf('large')}`,
  /** The same without reading a file: what is there is taken to be what is given. */
  quickScript: (contents: Readonly<Record<string, string>>) =>
    [
      'declare -A contents=()',
      ...Object.entries(contents).map(([path, digest]) => sh`contents[${path}]=${digest}`),
      eachLarge(`printf '%s\\tsha256\\t%s\\n' "$path" "\${contents[$path]-}"`),
    ].join('\n'),
}

/** Bash for each row of a large file in `$seen`. By patterns: `read` would ask the kernel for each character of it. */
function eachLarge(command: string): string {
  return `rest=$seen
while [[ $rest == *$'\\twritten\\t'* ]]; do
  path=\${rest%%$'\\twritten\\t'*}
  path=\${path##*$'\\n'}
  rest=\${rest#*$'\\twritten\\t'}
  written=\${rest%%$'\\n'*}
  ${command}
done`
}

/**
 * Of the files in an array of bash: 64 digits, two characters, and the path. `--zero`: otherwise sha256sum writes a
 * backslash in a name as two.
 */
function digestsOf(array: string): string {
  const files = `"\${${array}[@]:at:${AT_ONCE}}"`
  return `for ((at = 0; at < \${#${array}[@]}; at += ${AT_ONCE})); do
  while IFS= read -r -d '' row; do printf '%s\\tsha256\\t%s\\n' "\${row:66}" "\${row:0:64}"; done < <(sha256sum --zero -- ${files} 2>/dev/null)
done`
}

function toState(rows: readonly (readonly string[])[]): PathState {
  const [[kind, first = '', second = '', third = ''] = []] = rows
  switch (kind) {
    case 'link':
      return { kind, target: first }
    case 'file': {
      const [, sha256] = rows.find(([row]) => row === 'sha256') ?? []
      // gone since it was looked at, or no disk can read it
      if (sha256 === undefined) return { kind: 'other' }
      return { kind, mode: first.padStart(4, '0'), owner: second, group: third, sha256 }
    }
    case 'directory':
      return { kind, mode: first.padStart(4, '0') }
    case 'none':
      return { kind }
    default:
      return { kind: 'other' }
  }
}
