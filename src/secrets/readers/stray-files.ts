import { inventoryNames } from '../../files/inventory-file.ts'
import type { SecretRule } from '../../model/cluster.ts'

/** Encrypted files in secrets/ that no rule names. */
export async function strayFiles(directory: string, rules: readonly SecretRule[]): Promise<readonly string[]> {
  const known = new Set(rules.map(({ file }) => file))
  const found = (inventoryNames(directory, 'secrets') ?? []).map((name) => `secrets/${name}`)
  return found.filter((file) => file.endsWith('.age') && !known.has(file)).sort()
}
