import { eachPart } from '../parts/by-part.ts'
import type { Questions } from './questions.ts'

/**
 * The mark before each answer, with the name of its probe. A host that prints it elsewhere garbles only its own facts.
 */
export const mark = '\u0001probe '

/** What each probe printed, by the name of its section. */
export function sectionsIn(stdout: string): ReadonlyMap<string, string> {
  return new Map(
    stdout
      .split(mark)
      .slice(1)
      .map((text) => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)] as const),
  )
}

/** A probe's script, and its name before what that prints. */
export function section(name: string, script: string): string {
  return `printf '${mark}${name}\\n'\n${script}`
}

/** The name of what a probe says about one of several units. */
export function sectionOfUnit({ name }: { readonly name: string }, unit: string): string {
  return `${name} ${unit}`
}

/** @param areLasting of the parts' answers, those that a deploy relies on, or the others */
export function partSections({ parts, quick }: Questions, areLasting: boolean): string {
  return eachPart(parts, ({ name, probe }, placed) =>
    probe?.isLasting === areLasting ? [section(name, probe.script(placed, quick !== undefined))] : [],
  ).join('\n')
}

/** The units that the parts ask about. @param areLasting only for answers that a deploy relies on */
export function unitsOfParts({ parts }: Questions, areLasting: boolean): readonly string[] {
  return eachPart(parts, ({ probe }, placed) => (probe?.isLasting === false && areLasting ? [] : probe?.units(placed)))
}
