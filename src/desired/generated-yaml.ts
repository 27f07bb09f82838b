import type { Json } from '../model/cluster.ts'
import { yamlText } from '../model/yaml-text.ts'
import type { WantedFile } from './host-state.ts'

const header = '# Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.\n'

/** A YAML file of keel's. `content` is a value, or YAML text. */
export function generatedYaml(
  path: string,
  content: Json,
  { alternatives = [], readAtStartBy }: Pick<WantedFile, 'alternatives' | 'readAtStartBy'> = {},
): WantedFile {
  return {
    path,
    content: header + textOf(content),
    mode: '0600',
    owner: 'root',
    group: 'root',
    ...(readAtStartBy === undefined ? {} : { readAtStartBy }),
    ...(alternatives.length > 0 ? { alternatives: alternatives.map((text) => header + text) } : {}),
  }
}

/** Keys sorted, so that a diff shows what changed and nothing else. */
function textOf(value: Json): string {
  return typeof value === 'string' ? value : yamlText(value, { sortMapEntries: true })
}
