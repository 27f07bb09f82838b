import { join, resolve } from 'node:path'
import { type CompletedVerb, complete } from '../../completion/complete.ts'
import { hostNames, listed, secretNames } from '../../completion/names.ts'
import { SHELLS } from '../../completion/shells.ts'
import { GRAPH_FORMATS } from '../../graph/formats.ts'
import { topicNames } from '../../help/pages.ts'
import { inventoryIfThere } from '../../inventory/find-inventory.ts'
import { defaultLabName } from '../../lab/names.ts'
import { labsDirectory } from '../../lab/state.ts'
import { ARCHS, OSES, ROLES } from '../../model/cluster.ts'
import { SUPPORT_WINDOW } from '../../model/kubernetes/support-window.ts'
import { IMAGE_NAMES } from '../../model/systems/image-file-name.ts'
import { systemdArch } from '../../model/systems/systemd-arch.ts'
import { colorChoices, colorOption } from '../../ui/colors.ts'
import type { Command, Io } from './command.ts'
import { runOptions } from './start-run.ts'
import { tagCandidates } from './tag-candidates.ts'
import { verbForm } from './verb-form.ts'

interface LoadedVerb {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<readonly Command<never>[]>
}

/** Verbs as completion sees them. */
export function completedVerbs(verbs: readonly LoadedVerb[]): readonly CompletedVerb[] {
  return verbs.map(({ name, summary, load }) => ({
    name,
    summary,
    forms: async () =>
      (await load()).map((command) => ({
        ...command,
        ...verbForm(command.name),
        options: command.passesOptions ? command.options : [...command.options, colorOption, ...runOptions],
      })),
  }))
}

/**
 * What the shells' scripts call (`keel complete -- WORDS`): prints a candidate a line, with what it is about behind a
 * tab.
 */
export async function printCandidates(words: readonly string[], verbs: readonly LoadedVerb[], io: Io): Promise<void> {
  const found = await complete(words, completedVerbs(verbs), async (verb, placeholder) => {
    if (verb === 'help') return [...verbs.map(({ name }) => name), 'topics', ...topicNames()]
    if (verb === 'explain') return (await import('../../help/keys/explained-names.ts')).explainedNames()
    return valuesOf(verb, placeholder, words, io)
  })
  io.stdout.write(found.map(({ word, about }) => `${word}${about === undefined ? '' : `\t${about}`}\n`).join(''))
}

function valuesOf(
  verb: string,
  placeholder: string,
  words: readonly string[],
  { cwd, env }: Io,
): readonly string[] | undefined {
  const namesIn = (names: (inventory: string) => readonly string[]) => {
    const inventory = inventoryOf(words, cwd, env.HOME)
    return inventory === undefined ? [] : names(inventory)
  }
  switch (placeholder) {
    case 'host':
      if (verb === 'lab')
        return listed(join(labsDirectory(env), valueOfOption(words, '--name') ?? defaultLabName, 'hosts'))
      return verb === 'init' ? undefined : namesIn(hostNames)
    case 'name':
      if (verb === 'secret') return namesIn(secretNames)
      return verb === 'add-node' ? namesIn(hostNames) : undefined
    case 'tag':
      return namesIn(tagCandidates)
    case 'lab':
      return listed(labsDirectory(env))
    case 'role':
      return ROLES
    case 'os':
      return OSES
    case 'arch':
      return verb === 'sysext' ? ARCHS.map((arch) => systemdArch[arch]) : ARCHS
    case 'image':
      return verb === 'sysext' ? IMAGE_NAMES : undefined
    case 'minor':
      return SUPPORT_WINDOW.map(({ minor }) => `1.${minor}`)
    case 'when':
      return colorChoices
    case 'shell':
      return SHELLS
    case 'format':
      return GRAPH_FORMATS
    default:
      return undefined
  }
}

/** The one that the verb would work on. */
function inventoryOf(words: readonly string[], cwd: string, home = '~'): string | undefined {
  // a shell hands over what is typed, before it expands it
  const typed = (valueOfOption(words, '-C', '--directory') ?? '.').replace(/^~(?=\/|$)/, () => home)
  return inventoryIfThere(resolve(cwd, typed))
}

/** Of an option that has been written before the last word. */
function valueOfOption(words: readonly string[], ...flags: readonly string[]): string | undefined {
  const at = words.findIndex((word, index) => flags.includes(word) && index < words.length - 2)
  return at === -1 ? undefined : words[at + 1]
}
