import type { Json } from '../model/cluster.ts'
import { yamlText } from '../model/yaml-text.ts'
import type { WantedFile } from './host-state.ts'

const header = '# Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.\n'

/** A YAML file of keel's that k3s reads at its start. `content` is a value, or YAML text. */
export function generatedYaml(
  path: string,
  content: Json,
  { alternatives = [] }: { readonly alternatives?: readonly string[] } = {},
): WantedFile {
  return {
    path,
    content: header + textOf(content),
    mode: '0600',
    owner: 'root',
    group: 'root',
    restartsK3s: true,
    ...(alternatives.length > 0 ? { alternatives: alternatives.map((text) => header + text) } : {}),
  }
}

/** Keys sorted, so that a diff shows what changed and nothing else. */
function textOf(value: Json): string {
  return typeof value === 'string' ? value : yamlText(value, { sortMapEntries: true })
}
