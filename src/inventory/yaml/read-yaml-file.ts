import type { Fault } from '../../errors.ts'
import type { Issue } from '../../model/schema/parsed.ts'
import type { Part, Read } from '../definitions.ts'
import { parseYaml } from './parse-yaml.ts'
import type { Placed } from './place-nodes.ts'

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
