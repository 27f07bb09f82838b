/** What a container of a package runs if its Pod has no `command`. */
export type DefaultCommand =
  | { readonly kind: 'command'; readonly words: readonly string[] }
  | { readonly kind: 'none'; readonly message: string }

/** The units of a package, of what `dpkg -L` lists: the names of its services and what starts them. */
export function unitsOfPackage(files: string): readonly string[] {
  const units = files
    .split('\n')
    .flatMap(
      (path) => /^(?:\/usr)?\/lib\/systemd\/system\/([^/]+\.(?:service|socket|timer|path))$/.exec(path)?.[1] ?? [],
    )
  return [...new Set(units)]
}

/** Its one service: the one with its name, else the only one. */
export function mainUnit(name: string, units: readonly string[]): string | undefined {
  const services = units.filter((unit) => unit.endsWith('.service') && !unit.endsWith('@.service'))
  return services.find((unit) => unit === `${name}.service`) ?? (services.length === 1 ? services[0] : undefined)
}

const SET_COMMAND = 'set `command` in the Pod'

/**
 * ExecStart of a unit (systemd.service(5), Command lines). Variables of its own `Environment=` have their values, others
 * are empty: a Pod has its own environment.
 */
export function defaultCommand(unit: string, text: string): DefaultCommand {
  const settings = settingsIn(text)
  const all = settings.flatMap(([name, value]) => (name === 'ExecStart' ? [value] : []))
  // an empty one forgets those before it
  const lines = all.slice(all.lastIndexOf('') + 1)
  const [line, ...more] = lines
  if (line === undefined) return { kind: 'none', message: `${unit} has no ExecStart: ${SET_COMMAND}` }
  if (more.length > 0) return { kind: 'none', message: `${unit} has several commands: ${SET_COMMAND}` }
  const words = wordsOf(line.replace(/^[@:+!|-]+/, ''))
  if (words === undefined) return { kind: 'none', message: `keel cannot read the command of ${unit}: ${SET_COMMAND}` }
  const variables = new Map(
    settings.flatMap(([name, value]) => (name === 'Environment' ? (wordsOf(value) ?? []) : [])).flatMap(assignment),
  )
  const expanded = words.flatMap((word) => expand(word, variables))
  const [program = ''] = expanded
  if (!program.startsWith('/') || expanded.some((word) => /%[^%]/.test(word)))
    return { kind: 'none', message: `the command of ${unit} needs systemd to be read: ${SET_COMMAND}` }
  return { kind: 'command', words: expanded.map((word) => word.replaceAll('%%', '%')) }
}

/** A line that ends in a backslash goes on in the next one. */
function settingsIn(text: string): readonly (readonly [string, string])[] {
  return text
    .replace(/\\\n[ \t]*/g, ' ')
    .split('\n')
    .flatMap((line) => {
      const [, name, value = ''] = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
      return name === undefined ? [] : [[name, value] as const]
    })
}

/** Words, with quotes around a whole one or a part. @returns undefined for escapes, which need systemd itself */
function wordsOf(line: string): readonly string[] | undefined {
  if (line.includes('\\')) return undefined
  const words: string[] = []
  const pattern = /\s*((?:"[^"]*"|'[^']*'|[^\s"'])+)/y
  const text = line.trimEnd()
  for (pattern.lastIndex = 0; pattern.lastIndex < text.length; ) {
    const found = pattern.exec(text)
    if (found === null) return undefined
    words.push((found[1] ?? '').replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single))
  }
  // `;` separates commands
  return words.includes(';') ? undefined : words
}

function assignment(word: string): readonly (readonly [string, string])[] {
  const [, name, value = ''] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? []
  return name === undefined ? [] : [[name, value]]
}

/** `$NAME` as a whole word is split at blanks, `${NAME}` is not. `$$` is a dollar. */
function expand(word: string, variables: ReadonlyMap<string, string>): readonly string[] {
  const whole = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1]
  if (whole !== undefined) return (variables.get(whole) ?? '').split(/\s+/).filter((one) => one !== '')
  return [
    word.replace(/\$\$|\$\{([A-Za-z_]\w*)\}/g, (found, name: string | undefined) =>
      name === undefined ? '$' : found === '$$' ? '$' : (variables.get(name) ?? ''),
    ),
  ]
}
