/** What `kubectl exec` and `attach` want, as the API server asks a kubelet. */
export interface CommandQuery {
  /** Empty for attach. */
  readonly command: readonly string[]
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

const KNOWN = new Set(['command', 'input', 'output', 'error', 'tty'])

/** Bytes of a whole command: what a kernel takes in one argument. */
const LONGEST = 131_072

/**
 * The query of `POST /exec/…` (k8s.io/kubelet, NewOptions): `1` or `true` is yes.
 * @returns why it can't be done, in words for the client
 */
export function commandQuery(query: URLSearchParams): CommandQuery | { readonly fault: string } {
  for (const name of query.keys()) if (!KNOWN.has(name)) return { fault: 'a parameter that keel does not know' }
  const has = (name: string) => ['1', 'true'].includes(query.get(name) ?? '')
  const command = query.getAll('command')
  if (command.some((word) => word.includes('\0')) || command.join('\0').length > LONGEST)
    return { fault: 'a command that no program can have' }
  const tty = has('tty')
  const stderr = has('error')
  if (tty && stderr) return { fault: 'with a terminal there is no stderr of its own' }
  const asked = { stdin: has('input'), stdout: has('output'), stderr }
  if (!asked.stdin && !asked.stdout && !asked.stderr)
    return { fault: 'you must specify at least 1 of stdin, stdout, stderr' }
  return { command, tty, ...asked }
}
