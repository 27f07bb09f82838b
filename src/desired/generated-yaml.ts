import type { Json } from '../model/cluster.ts'
import { madeByKeel } from '../model/made-by-keel.ts'
import { yamlText } from '../model/text/yaml-text.ts'
import type { WantedFile } from './host-state.ts'

/** A YAML file of keel's. `content` is a value, or YAML text. */
export function generatedYaml(
  path: string,
  content: Json,
  { alternatives = [], readAtStartBy }: Pick<WantedFile, 'alternatives' | 'readAtStartBy'> = {},
): WantedFile {
  return {
    path,
    content: madeByKeel + textOf(content),
    mode: '0600',
    owner: 'root',
    group: 'root',
    ...(readAtStartBy === undefined ? {} : { readAtStartBy }),
    ...(alternatives.length > 0 ? { alternatives: alternatives.map((text) => madeByKeel + text) } : {}),
  }
}

/** Keys sorted, so that a diff shows what changed and nothing else. */
function textOf(value: Json): string {
  return typeof value === 'string' ? value : yamlText(value, { sortMapEntries: true })
}
