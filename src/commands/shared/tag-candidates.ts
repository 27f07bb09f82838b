import { hostNames } from '../../completion/names.ts'
import { tagsIn } from '../../completion/tags.ts'
import { readInventoryFile } from '../../files/inventory-file.ts'

/** The file of a host has a few kilobytes; one with long manifests is left out. */
const MOST_BYTES = 64 << 10

/** The tags in the files of an inventory, as far as their text shows them. */
export function tagCandidates(inventory: string): readonly string[] {
  const stems = ['hosts/cluster', ...hostNames(inventory).map((name) => `hosts/${name}/host`)]
  const texts = stems.flatMap((stem) => ['ts', 'yaml'].map((form) => textOf(inventory, `${stem}.${form}`)))
  return [...new Set(texts.flatMap(tagsIn))].toSorted()
}

/** Empty for what keel would refuse: a person who presses Tab gets no message. */
function textOf(inventory: string, file: string): string {
  try {
    return readInventoryFile(inventory, file, MOST_BYTES)?.toString() ?? ''
  } catch {
    return ''
  }
}
