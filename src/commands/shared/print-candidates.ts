import { join, resolve } from 'node:path'
import { type CompletedVerb, complete } from '../../completion/complete.ts'
import { hostNames, listed, secretNames } from '../../completion/names.ts'
import { defaultLabName } from '../../lab/names.ts'
import { labsDirectory } from '../../lab/state.ts'
import { ARCHS, OSES, ROLES } from '../../model/cluster.ts'
import type { Io } from './command.ts'

/**
 * What the shells' scripts call (`keel complete -- WORDS`): prints a candidate a line, with what it is about behind a
 * tab.
 */
export async function printCandidates(
  words: readonly string[],
  verbs: readonly CompletedVerb[],
  io: Io,
): Promise<void> {
  const found = await complete(words, verbs, async (verb, placeholder) => valuesOf(verb, placeholder, words, io))
  io.stdout.write(found.map(({ word, about }) => `${word}${about === undefined ? '' : `\t${about}`}\n`).join(''))
}

function valuesOf(
  verb: string,
  placeholder: string,
  words: readonly string[],
  { cwd, env }: Io,
): readonly string[] | undefined {
  const typed = valueOfOption(words, '-C', '--directory') ?? '.'
  // a shell hands over what is typed, before it expands it
  const inventory = resolve(
    cwd,
    typed.replace(/^~(?=\/|$)/, () => env.HOME ?? '~'),
  )
  switch (placeholder) {
    case 'host':
      if (verb === 'lab')
        return listed(join(labsDirectory(env), valueOfOption(words, '--name') ?? defaultLabName, 'hosts'))
      return verb === 'init' ? undefined : hostNames(inventory)
    case 'name':
      if (verb === 'secret') return secretNames(inventory)
      return verb === 'add-node' ? hostNames(inventory) : undefined
    case 'lab':
      return listed(labsDirectory(env))
    case 'role':
      return ROLES
    case 'os':
      return OSES
    case 'arch':
      return ARCHS
    case 'shell':
      return ['bash', 'zsh', 'fish']
    default:
      return undefined
  }
}

/** Of an option that has been written before the last word. */
function valueOfOption(words: readonly string[], ...flags: readonly string[]): string | undefined {
  const at = words.findIndex((word, index) => flags.includes(word) && index < words.length - 2)
  return at === -1 ? undefined : words[at + 1]
}
