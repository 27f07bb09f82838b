/**
 * Wraps a program so that it, and everything that it starts, ends together with this process, also after `kill -9`. The
 * kernel kills the first process of the pid namespace together with its parent, and the namespace together with its
 * first process.
 */
export function dieWithParent(argv: readonly string[]): readonly [string, ...string[]] {
  return [
    'setpriv',
    '--pdeathsig',
    'KILL',
    '--',
    'unshare',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    '--',
    ...argv,
  ]
}
