import type { Key } from './keys/key.ts'

/** The names that have a word among their parts: `restore` and `backup` are in `back-up-and-restore`. */
export function namesWith(word: string, names: readonly string[]): readonly string[] {
  const wanted = joined(word)
  return names.filter((name) => runs(name.split('-')).includes(wanted))
}

/** The keys whose last part is this word, however it is written: `host-key` is `host.hostKey`. */
export function keysNamed(word: string, keys: readonly Key[]): readonly Key[] {
  return keys.filter(({ path }) => joined(path.split('.').at(-1) ?? path) === joined(word))
}

/** Each row of neighbours, written as one word. */
function runs(parts: readonly string[]): readonly string[] {
  return parts.flatMap((_, from) => parts.slice(from).map((_, more) => parts.slice(from, from + more + 1).join('')))
}

function joined(word: string): string {
  return word.toLowerCase().replaceAll('-', '')
}
