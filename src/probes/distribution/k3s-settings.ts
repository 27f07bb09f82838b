import { parseDocument } from 'yaml'
import * as z from 'zod'
import type { Places } from '../../model/distribution/places.ts'
import { type Probe, rows } from '../../model/probe.ts'
import { sh } from '../../templates/shell-quote.ts'

/** What k3s has settled on a host at its first start, according to the host itself. */
export interface K3sSettings {
  /** What a server keeps its cluster in; `external`: in a database elsewhere. Absent without data. */
  readonly datastore?: 'etcd' | 'sqlite' | 'external'
  /** The values of `settledFlags` in the configuration files and the loaded unit; what is not set there is absent. */
  readonly configured: Settings
}

/** A flag's values by its name; a switch has `true` or `false`. */
export type Settings = Readonly<Record<string, readonly string[]>>

/** Flags that k3s settles at a host's first start. No other is read here: others may hold a secret. */
const settledFlags = [
  'cluster-cidr',
  'service-cidr',
  'cluster-dns',
  'cluster-domain',
  'secrets-encryption',
  'secrets-encryption-provider',
  'kube-controller-manager-arg',
  'flannel-backend',
  'node-name',
  'node-ip',
] as const

const names = settledFlags.join('|')

/**
 * The settings that run; the files may be newer. Of configuration files only the blocks of `settledFlags` are printed;
 * files are read as k3s does, the later ones count.
 */
export const k3sSettings: Probe<{ readonly unit: string; readonly places: Places }, K3sSettings> = {
  name: 'k3s-settings',
  script: ({ unit, places: { config, configParts, server } }) => sh`
unit=${unit}
if [ -d ${`${server}/db/etcd`} ]; then printf 'datastore\tetcd\n'
elif [ -f ${`${server}/db/state.db`} ]; then printf 'datastore\tsqlite\n'
elif [ -d ${`${server}/tls`} ] && { grep -qsE '^["'\\'']?datastore-endpoint' ${config} ${configParts}/*.y*ml ||
  systemctl show --property=ExecStart,Environment -- "$unit" | grep -qE -- '--datastore-endpoint|K3S_DATASTORE_ENDPOINT'; }; then printf 'datastore\texternal\n'
fi
settled='^["'\\'']?('${names}')["'\\'']?[+]?[[:space:]]*:'
for file in ${config} ${configParts}/*.y*ml; do
  [ -f "$file" ] || continue
  printf 'file\t%s\n' "$(head -c 200000 -- "$file" | while IFS= read -r line || [ -n "$line" ]; do
    if [[ $line =~ $settled ]]; then shown=1; elif [[ $line =~ ^[^[:space:]#-] ]]; then shown=; fi
    [ -z "\${shown:-}" ] || printf '%s\n' "$line"
  done | base64 -w0)"
done
systemctl show --property=ExecStart --value -- "$unit" | grep -oE -- '--('${names}')([= ][^ ;]+|( |$))' | sed 's/^/word\t/; s/ $//'
true`,
  parse: (stdout) => {
    const lines = rows(stdout)
    const one = (name: string) => lines.find(([key]) => key === name)?.[1]
    const all = (name: string) => lines.flatMap(([key, value]) => (key === name && value !== undefined ? [value] : []))
    const datastore = one('datastore')
    // the script prints 200,000 bytes of a file at most; YAML can take far longer than its length
    if (all('file').join('').length > 600_000) throw new RangeError('configuration files that are too long')
    const files = all('file').map((text) => settingsOfFile(Buffer.from(text, 'base64').toString('utf8')))
    const words = settingsOfWords(all('word').flatMap((text) => text.split(' ')))
    return {
      ...(datastore === 'etcd' || datastore === 'sqlite' || datastore === 'external' ? { datastore } : {}),
      configured: Object.assign({}, ...files, words),
    }
  },
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const mapping = z.record(z.string(), z.unknown())

function settingsOfFile(text: string): Settings {
  const document = parseDocument(text, { logLevel: 'silent' })
  const read = document.errors.length > 0 ? {} : (mapping.safeParse(document.toJS()).data ?? {})
  return pick(
    Object.entries(read).map(([key, value]) => {
      const values = z.array(scalar).safeParse(Array.isArray(value) ? value : [value]).data ?? []
      return [key.replace(/\+$/, ''), values] as const
    }),
  )
}

/**
 * Arguments as k3s's own command line has them, and as it notes them on its Node: `--flag`, `value`, or `--flag=value`.
 */
export function settingsOfWords(words: readonly string[]): Settings {
  return pick(
    words.flatMap((word, index) => {
      const [, name = '', given] = /^--([a-z0-9-]+)(?:=(.*))?$/s.exec(word) ?? []
      if (name === '') return []
      const next = words[index + 1]
      return [[name, [given ?? (next === undefined || next.startsWith('-') ? 'true' : next)]] as const]
    }),
  )
}

/** Each flag's values one after the other, those with commas between them apart. */
function pick(entries: readonly (readonly [string, readonly string[]])[]): Settings {
  const found = settledFlags.flatMap((flag) => {
    const values = entries
      .filter(([name]) => name === flag)
      .flatMap(([, some]) => some.flatMap((value) => value.split(',')))
    return values.length === 0 ? [] : [[flag, values] as const]
  })
  return Object.fromEntries(found)
}
