import { userInfo } from 'node:os'
import { join } from 'node:path'

/**
 * A file that keel keeps for its user on this machine, outside of every inventory. The home folder comes from the
 * password file, because `HOME` may differ from one call to the next.
 */
export function ownStateFile(name: string): string {
  return join(userInfo().homedir, '.local/state/keel', name)
}
