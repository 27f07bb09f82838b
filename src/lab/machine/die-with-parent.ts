/**
 * Wraps a program so that it and everything it starts ends when this process does, `kill -9` included: the kernel kills
 * the pid namespace's first process with its parent, and the namespace with its first process.
 */
export function dieWithParent(argv: readonly string[]): readonly [string, ...string[]] {
  return ['setpriv', '--pdeathsig', 'KILL', '--', 'unshare', '--pid', '--fork', '--kill-child', '--mount-proc', '--', ...argv]
}
