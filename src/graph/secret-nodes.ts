import type { SecretReaders } from './secret-readers.ts'
import type { Topology } from './topology.ts'

/** Secrets with the same readers: one node of a flowchart. */
export interface SecretNode {
  readonly id: string
  readonly names: readonly string[]
  readonly readers: readonly SecretReader[]
}

interface SecretReader {
  readonly group: 'admins' | 'servers' | 'agents'
  /** Who of the group, if not all of it. */
  readonly only?: string
}

export function secretNodes({ secrets }: Topology): readonly SecretNode[] {
  const nodes = new Map<string, { readonly names: string[]; readonly readers: readonly SecretReader[] }>()
  for (const secret of secrets) {
    const readers = readersOf(secret)
    const key = JSON.stringify([secret.admins, secret.servers, secret.agents])
    const node = nodes.get(key) ?? { names: [], readers }
    node.names.push(secret.secret)
    nodes.set(key, node)
  }
  return [...nodes.values()].map((node, index) => ({ id: `secret${index}`, ...node }))
}

function readersOf(secret: SecretReaders): readonly SecretReader[] {
  return (['admins', 'servers', 'agents'] as const).flatMap((group): readonly SecretReader[] => {
    const { kind, text } = secret[group]
    if (kind === 'none') return []
    return [kind === 'all' ? { group } : { group, only: text }]
  })
}
