import type { Fault } from '../../errors.ts'
import type { Issue } from '../../model/schema/parsed.ts'
import type { Part, Read } from '../definitions.ts'
import { parseYaml } from './parse-yaml.ts'
import type { Placed } from './place-nodes.ts'
import { spaceMissing } from './tight-key.ts'

/**
 * A YAML file of the inventory as a definition, and what is wrong with its YAML.
 * @param subject its name in messages
 */
export function readYamlFile(file: string, subject: string, text: string): Read {
  const { root, problems, place } = parseYaml(text)
  const faults = problems.map(({ offset, ...problem }): Fault => ({ ...problem, at: `${file}:${place(offset)}` }))
  if (root === undefined || root.value === undefined) return { faults }
  return {
    faults,
    source: {
      subject,
      file,
      input: root.value,
      locate: (path, part) => `${file}:${place(offsetAt(root, path, part))}`,
      written: (path) => partAt(root, path)?.written,
      cure: (path) => cureOf(text, partAt(root, path)),
      isUnread: (path) => path.some((_, depth) => partAt(root, path.slice(0, depth + 1))?.unread === true),
    },
  }
}

/** As deep as the file goes: a missing value is reported at the place where it belongs. */
function offsetAt(root: Placed, path: Issue['path'], part: Part = 'value'): number {
  let placed = root
  let offset = root.offset
  for (const [depth, step] of path.entries()) {
    const entry = placed.parts?.get(step)
    if (entry === undefined) return offset
    placed = entry.placed
    offset = part === 'key' && depth === path.length - 1 ? entry.key : placed.offset
  }
  return offset
}

function partAt(root: Placed, path: Issue['path']): Placed | undefined {
  return path.reduce<Placed | undefined>((placed, step) => placed?.parts?.get(step)?.placed, root)
}

/** For a text that begins a line: if its key is on the line above, a map or a list was likely meant. */
function cureOf(text: string, placed: Placed | undefined): string | undefined {
  if (typeof placed?.value !== 'string') return undefined
  const start = text.lastIndexOf('\n', placed.offset - 1) + 1
  if (text.slice(start, placed.offset).trim() !== '') return undefined
  const line =
    /^[^\n]*/
      .exec(text.slice(placed.offset))?.[0]
      .replace(/\s#.*$/, '')
      .trimEnd() ?? ''
  return line.length > 64 ? undefined : spaceMissing(line)
}
