import { blocksOf, commandsOf, type DocCommand, textOf } from './blocks.ts'

/** The commands of a page under one of its headings, in their order. */
export function commandsUnder(page: string, heading: string): readonly DocCommand[] {
  const found = blocksOf(page, textOf(page))
    .filter((block) => block.heading === heading)
    .flatMap(commandsOf)
  if (found.length === 0) throw new Error(`${page} has no commands under ${heading}`)
  return found
}

/** A command with the names of a lab instead of those of the page. */
export function withNames(text: string, names: Readonly<Record<string, string>>): string {
  return Object.entries(names).reduce(
    (all, [name, ours]) => all.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), ours),
    text,
  )
}
