import { OSES, ROLES } from '../../model/cluster.ts'
import { parseYaml } from '../yaml/parse-yaml.ts'

/** A host's file has a few kilobytes; a lock file of npm has the same words, and takes long to parse. */
const MOST = 1 << 16

/**
 * YAML or JSON that has a host's address and either its role or its system at its top: a foreign file hardly has both.
 */
export function isHostBeyondDoubt(text: string): boolean {
  if (text.length > MOST || !text.includes('address')) return false
  const value = parseYaml(text).root?.value
  if (typeof value !== 'object' || value === null || !('address' in value) || typeof value.address !== 'string') return false
  return ('role' in value && isOneOf(ROLES, value.role)) || ('os' in value && isOneOf(OSES, value.os))
}

function isOneOf(words: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && words.includes(value)
}
