import type { Ports } from './ports.ts'
import type { SecretReaders } from './secret-readers.ts'

export const PORT_COLUMNS = ['what', 'port', 'on', 'from'] as const
export const SECRET_COLUMNS = ['secret', 'admins', 'servers', 'agents'] as const

export function portCells({ what, ports, on, from, through }: Ports): readonly string[] {
  const only = through === undefined ? '' : ` through ${through}`
  return [what, ports, on.join(', '), `${from.join(', ')}${only}`]
}

export function secretCells({ secret, admins, servers, agents }: SecretReaders): readonly string[] {
  return [secret, admins.text, servers.text, agents.text]
}
