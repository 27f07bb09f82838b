import { ExitCode, KeelError } from '../errors.ts'
import { type HelpSubject, helpScreen } from '../help/screen.ts'
import { helpWidth } from '../help/wrap.ts'
import { nearest } from '../model/text/nearest.ts'
import type { Command } from './shared/command.ts'
import type { Verb } from './shared/verb.ts'
import { verbForm } from './shared/verb-form.ts'

/** @param verbs all of them, which this file can't import: their list imports it */
export function helpOn(verbs: readonly Verb[]): Command<{ readonly topic: readonly string[] }> {
  return {
    name: 'help [topic...]',
    summary: 'list the verbs, or show the help of one',
    options: [],
    examples: [
      ['keel help deploy', 'the options, examples and exit codes of a verb'],
      ['keel help secret show', 'the same for a verb of a verb'],
    ],
    exits: [],
    async run({ topic }, io) {
      const subject = await subjectOf(topic, verbs)
      io.print(helpScreen(subject, helpWidth(io)).trimEnd())
      return ExitCode.Done
    },
  }
}

async function subjectOf([name, sub]: readonly string[], verbs: readonly Verb[]): Promise<HelpSubject> {
  if (name === undefined) return { kind: 'keel', verbs }
  const verb = verbs.find((one) => one.name === name)
  if (verb === undefined)
    throw unknown(
      name,
      verbs.map((one) => one.name),
    )
  const forms = await verb.load()
  const subs = forms.flatMap((form) => verbForm(form.name).sub ?? [])
  const form = forms.find((one) => verbForm(one.name).sub === (subs.length > 0 ? sub : undefined))
  if (form !== undefined) return { kind: 'form', form }
  if (sub !== undefined)
    throw unknown(
      `${name} ${sub}`,
      subs.map((one) => `${name} ${one}`),
    )
  return { kind: 'verb', verb, forms }
}

function unknown(wanted: string, known: readonly string[]): KeelError {
  const hint = nearest(wanted, known)
  return new KeelError({
    code: 'no-help',
    found: `no help on ${wanted}`,
    todo: hint === undefined ? '`keel help` lists the verbs' : `did you mean \`keel help ${hint}\`?`,
    exit: ExitCode.Usage,
  })
}
