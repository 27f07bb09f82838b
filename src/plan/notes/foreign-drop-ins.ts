import type { HostName } from '../../model/brands.ts'
import type { HostNote } from '../plan.ts'

/**
 * A service runs with drop-ins for keel's unit that did not come from keel. keel does not change them, but notes them. The
 * plan may be empty. Pure.
 */
export function foreignDropIns(at: HostName, unit: string, dropIns: readonly string[]): readonly HostNote[] {
  if (dropIns.length === 0) return []
  return [
    {
      code: 'foreign-drop-in',
      at,
      found: `${dropIns.join(', ')}: not from keel`,
      why: `systemd runs ${unit} with these settings, and keel does not change them`,
      todo: `if nobody needs it: remove it, then run \`systemctl daemon-reload\` and \`systemctl restart ${unit}\` on the host`,
    },
  ]
}
