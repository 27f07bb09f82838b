import type { HostName } from '../../model/brands.ts'
import type { HostNote } from '../plan.ts'

/** k3s runs with settings that somebody else put on top of keel's unit: keel leaves them alone, and says so. No change, so the plan may be empty. Pure. */
export function foreignDropIns(at: HostName, unit: string, dropIns: readonly string[]): readonly HostNote[] {
  if (dropIns.length === 0) return []
  return [
    {
      code: 'foreign-drop-in',
      at,
      found: `${dropIns.join(', ')}: not of keel's making`,
      why: `systemd runs ${unit} with what stands there, and keel leaves it alone`,
      todo: `if nobody wants it: remove it, then \`systemctl daemon-reload\` and \`systemctl restart ${unit}\` on the host`,
    },
  ]
}
