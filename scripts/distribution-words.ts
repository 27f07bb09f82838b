import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import process from 'node:process'

/**
 * What only k3s's own folders say: its command, its folders on a host, its tokens' form. All else takes them as values
 * (docs/ARCHITECTURE.md).
 */
const WORDS = /k3s kubectl|\/var\/lib\/rancher|\/etc\/rancher|K10/

/** These may. */
const FOLDERS = ['src/model/k3s/', 'src/desired/distribution/k3s/', 'src/lab/', 'src/agenix/']

/** So may these, in as many lines at most. */
const FILES: Readonly<Record<string, { readonly lines: number; readonly why: string }>> = {
  'src/deploy/causes/machine.ts': { lines: 3, why: 'cures that people read' },
  'src/deploy/causes/members.ts': { lines: 4, why: 'cures that people read' },
  'src/deploy/causes/settings.ts': { lines: 1, why: 'a cure that people read' },
  'src/deploy/causes/tokens.ts': { lines: 2, why: 'cures that people read' },
  'src/secrets/values/check-value.ts': { lines: 2, why: 'names the form to people' },
  'src/commands/secret/secret-import.ts': { lines: 1, why: 'names the form to people' },
  'src/model/names.ts': { lines: 1, why: 'what looks like a secret, in texts of every kind' },
}

/**
 * Files that say such words in more lines than they may, and names in the list above that nothing has any more.
 * @param sources texts by path
 */
export function misplacedWords(sources: ReadonlyMap<string, string>): readonly string[] {
  const counted = new Map(
    [...sources].map(([file, text]) => [file, text.split('\n').filter((line) => WORDS.test(line)).length]),
  )
  const tooMany = [...counted].flatMap(([file, lines]) => {
    const most = FILES[file]?.lines ?? 0
    if (lines <= most || FOLDERS.some((folder) => file.startsWith(folder))) return []
    return [
      `${file}: ${lines} lines with ${WORDS.source}, at most ${most} allowed: take a path from \`places\`, a command from \`access\`, a token's parts from src/model/k3s/token.ts`,
    ]
  })
  const stale = Object.keys(FILES).filter((file) => (counted.get(file) ?? 0) === 0)
  return [...tooMany, ...stale.map((file) => `${file}: has no such line, and scripts/distribution-words.ts lists it`)]
}

export function sourcesIn(root: string): ReadonlyMap<string, string> {
  const files = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  return new Map(files.map((file) => [relative(root, file), readFileSync(file, 'utf8')]))
}

if (process.argv[1] === import.meta.filename) {
  const faults = misplacedWords(sourcesIn(resolve(import.meta.dirname, '..')))
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length === 0 ? 0 : 1
}
