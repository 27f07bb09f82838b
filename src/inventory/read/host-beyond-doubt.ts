import { OSES, ROLES } from '../../model/cluster.ts'
import { parseYaml } from '../yaml/parse-yaml.ts'

/** The file of a host has a few kilobytes. A lock file of npm contains the same words, and takes long to parse. */
const MOST = 1 << 16

/**
 * Whether a text is YAML or JSON with the address of a host and its role or system at the top. A foreign file hardly
 * has both.
 */
export function isHostBeyondDoubt(text: string): boolean {
  if (text.length > MOST || !text.includes('address')) return false
  const value = parseYaml(text).root?.value
  if (typeof value !== 'object' || value === null || !('address' in value) || typeof value.address !== 'string')
    return false
  return ('role' in value && isOneOf(ROLES, value.role)) || ('os' in value && isOneOf(OSES, value.os))
}

function isOneOf(words: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && words.includes(value)
}
