import type { SshAddress } from '../../model/cluster.ts'
import { programs, rootEnvironment } from '../shell/root-shell.ts'

/**
 * A command line that runs a script with root's bash, on a terminal if there is one: sudo asks for its password there.
 * The script travels as base64, as what the login user's own shell is does not matter for such a word. So everybody on
 * the host can read it in the list of processes: it must hold no secret.
 * @param term of the terminal here (terminfo(5)); a name that is none counts as `dumb`
 */
export function rootCommand({ user }: Pick<SshAddress, 'user'>, script: string, term = 'dumb'): string {
  const run = `eval "$(printf %s "$0" | base64 -d)"`
  const bash = `bash --norc --noprofile -p -c '${rootEnvironment('LANG=C.UTF-8')}; ${run}' ${Buffer.from(script).toString('base64')}`
  const clean = `exec /usr/bin/env -i PATH=${programs} TERM=${/^[A-Za-z0-9][A-Za-z0-9+._-]{0,31}$/.test(term) ? term : 'dumb'}`
  return user === 'root' ? `${clean} ${bash}` : `${clean} sudo -- ${bash}`
}
