import { ExitCode, KeelError } from '../../errors.ts'
import { ARCHS, OSES, ROLES } from '../../model/cluster.ts'
import { parseHostName, quote } from '../../model/names.ts'
import type { HostInput } from '../../model/schema/input.ts'
import { nearest } from '../../model/text/nearest.ts'

const KEYS = ['name', 'role', 'os', 'arch', 'address', 'hostKey', 'nodeIP', 'interface'] as const
type Key = (typeof KEYS)[number]

/**
 * `name=a,role=server,os=debian,address=root@10.0.0.1,hostKey=ssh-ed25519 AAAA…,nodeIP=10.0.0.1`. nodeIP may occur
 * twice. Without a role the first host is a server and the others are agents. Without an os it is debian. Loading the
 * inventory checks the values.
 * @throws KeelError `host-spec` (exit 2)
 */
export function parseHostSpec(text: string, index: number): readonly [name: string, host: HostInput] {
  const pairs = text.split(',').map((pair) => readPair(pair, text))
  const doubled = pairs.find(([key], index) => key !== 'nodeIP' && pairs.findIndex(([first]) => first === key) < index)
  if (doubled !== undefined)
    throw refused(text, `${doubled[0]} is given twice`, 'give each key once; only nodeIP may be given twice')
  const get = (key: Key) => pairs.find(([name]) => name === key)?.[1]
  const [name, address, nodeIP] = [
    get('name'),
    get('address'),
    pairs.filter(([key]) => key === 'nodeIP').map(([, ip]) => ip),
  ]
  if (name === undefined || address === undefined) throw refused(text, `name=… or address=… is missing`)
  const [arch, hostKey, networkInterface] = [get('arch'), get('hostKey'), get('interface')]
  return [
    parseHostName(name),
    {
      os: oneOf(OSES, get('os') ?? 'debian', text),
      role: oneOf(ROLES, get('role') ?? (index === 0 ? 'server' : 'agent'), text),
      ...(arch === undefined ? {} : { arch: oneOf(ARCHS, arch, text) }),
      address,
      ...(hostKey === undefined ? {} : { hostKey }),
      ...(nodeIP[0] === undefined ? {} : { nodeIP: nodeIP.length === 1 ? nodeIP[0] : nodeIP }),
      ...(networkInterface === undefined ? {} : { network: { interface: networkInterface } }),
    },
  ]
}

function readPair(pair: string, text: string): readonly [Key, string] {
  const equals = pair.indexOf('=')
  const written = pair.slice(0, equals).trim()
  const key = KEYS.find((known) => known === written)
  if (key !== undefined && equals > 0) return [key, pair.slice(equals + 1).trim()]
  if (equals <= 0)
    throw refused(text, `'${pair}' is not KEY=VALUE`, `write name=…,address=…; the keys are ${KEYS.join(', ')}`)
  const meant =
    nearest(written, KEYS) ?? KEYS.find((known) => written.length > 1 && known.startsWith(written.toLowerCase()))
  throw refused(
    text,
    `unknown key '${written}'${meant === undefined ? '' : `; did you mean '${meant}'?`}`,
    `the keys are ${KEYS.join(', ')}`,
  )
}

function oneOf<const Value extends string>(allowed: readonly Value[], value: string, text: string): Value {
  const found = allowed.find((one) => one === value)
  if (found === undefined) throw refused(text, `'${value}' is not one of ${allowed.join(', ')}`)
  return found
}

function refused(text: string, found: string, todo?: string): KeelError {
  return new KeelError({
    code: 'host-spec',
    at: `--host ${quote(text)}`,
    found,
    ...(todo ? { todo } : {}),
    exit: ExitCode.Usage,
  })
}
