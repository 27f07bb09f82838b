import { ExitCode, KeelError } from '../errors.ts'
import { inventoryKeys } from '../help/keys/key.ts'
import { pageOf, topicNames } from '../help/pages.ts'
import { type HelpSubject, helpScreen } from '../help/screen.ts'
import { topicCommand } from '../help/topic-command.ts'
import { topicList } from '../help/topic-page.ts'
import { keysNamed, namesWith } from '../help/topics-alike.ts'
import { helpWidth } from '../help/wrap.ts'
import { nearest } from '../model/text/nearest.ts'
import type { Command, Io } from './shared/command.ts'
import { showPage } from './shared/show-page.ts'
import type { Verb } from './shared/verb.ts'
import { verbForm } from './shared/verb-form.ts'

/** @param verbs all of them, which this file can't import: their list imports it */
export function helpOn(verbs: readonly Verb[]): Command<{ readonly topic: readonly string[] }> {
  return {
    name: 'help [topic...]',
    summary: 'list the verbs; show the help of a verb, or a page of the manual (`keel help topics` lists them)',
    options: [],
    examples: [
      ['keel help secret show', 'the options, examples and exit codes of a verb'],
      ['keel help security', 'who can do what: a page of the manual'],
    ],
    exits: [],
    async run({ topic: words }, io) {
      const [name, sub] = words
      if (name === 'topics' && sub === undefined) io.print(topicList(helpWidth(io)))
      else if (name === 'topics' && sub !== undefined) showTopic(sub, io)
      else {
        const subject = await subjectOf(words, verbs)
        if (subject !== undefined) io.show(helpScreen(subject, helpWidth(io)))
        else showTopic(name ?? '', io, verbs)
      }
      return ExitCode.Done
    },
  }
}

/** @param verbs those that were possible too */
function showTopic(topic: string, io: Io, verbs: readonly Verb[] = []): void {
  const names = topicNames()
  if (!names.includes(topic)) {
    const commandOf = verbs.length === 0 ? topicCommand : undefined
    throw unknown(topic, [...verbs.map(({ name }) => name), ...names, 'topics'], commandOf)
  }
  showPage(pageOf(topic), io)
}

/** What the words mean as a verb; undefined: they name none. */
async function subjectOf([name, sub]: readonly string[], verbs: readonly Verb[]): Promise<HelpSubject | undefined> {
  if (name === undefined) return { kind: 'keel', verbs }
  const verb = verbs.find((one) => one.name === name)
  if (verb === undefined) return undefined
  const forms = await verb.load()
  const subs = forms.flatMap((form) => verbForm(form.name).sub ?? [])
  const form = forms.find((one) => verbForm(one.name).sub === (subs.length > 0 ? sub : undefined))
  if (form !== undefined) return { kind: 'form', verb, form }
  if (sub !== undefined)
    throw unknown(
      `${name} ${sub}`,
      subs.map((one) => `${name} ${one}`),
    )
  return { kind: 'verb', verb, forms }
}

function unknown(
  wanted: string,
  known: readonly string[],
  commandOf = (name: string) => `keel help ${name}`,
): KeelError {
  const hints = commandsFor(wanted, known, commandOf)
  return new KeelError({
    code: 'no-help',
    found: `no help on ${wanted}`,
    todo:
      hints.length === 0
        ? '`keel help` lists the verbs, `keel help topics` the pages of the manual'
        : `did you mean ${hints.map((command) => `\`${command}\``).join(' or ')}?`,
    exit: ExitCode.Usage,
  })
}

/** What shows what the user probably meant: names that have this word, else a key of the inventory, else the nearest. */
function commandsFor(wanted: string, known: readonly string[], commandOf: (name: string) => string): readonly string[] {
  const named = namesWith(wanted, known)
  if (named.length > 0) return named.slice(0, 3).map(commandOf)
  const [key] = keysNamed(wanted, inventoryKeys())
  if (key !== undefined) return [`keel explain ${key.path}`]
  const near = nearest(wanted, known)
  return near === undefined ? [] : [commandOf(near)]
}
