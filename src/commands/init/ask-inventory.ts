import { describeFault, ExitCode, KeelError } from '../../errors.ts'
import { parseNodeIp } from '../../model/addresses/ip.ts'
import { parseSshAddress } from '../../model/addresses/ssh-address.ts'
import { OSES, ROLES, type SshAddress } from '../../model/cluster.ts'
import { parseSshPublicKey } from '../../model/keys/ssh-key.ts'
import { parseHostName } from '../../model/names.ts'
import type { HostInput } from '../../model/schema/input.ts'
import { nearest } from '../../model/text/nearest.ts'
import type { Io } from '../shared/command.ts'
import { trustedHostKey } from '../shared/trusted-host-key.ts'

/** Milliseconds in which a running machine shows its host key. If it does not, the user adds the key later. */
const SCAN_MS = 5000

/**
 * Asks until the answer is valid. Prints what is wrong with an answer, and keeps the earlier answers.
 * @param read throws KeelError for an invalid answer
 * @returns undefined if there is no terminal
 */
export async function askUntil<Value>(
  io: Io,
  question: string,
  read: (answer: string) => Value | Promise<Value>,
): Promise<{ readonly value: Value } | undefined> {
  for (;;) {
    const answer = await io.ask(question)
    if (answer === undefined) return undefined
    try {
      return { value: await read(answer.trim()) }
    } catch (error) {
      if (!(error instanceof KeelError) || io.signal.aborted) throw error
      const { found, why, todo } = error
      io.note(
        `  ${describeFault({ code: error.code, found, ...(why && { why }), ...(todo && { todo }) }).replaceAll('\n', '\n  ')}`,
      )
    }
  }
}

/**
 * Asks for hosts until the user gives an empty name.
 * @param hosts filled after each answer, so that they are known after an interruption
 * @throws KeelError `init-needs` (exit 2) if there is no terminal
 */
export async function askHosts(io: Io, hosts: Map<string, HostInput>): Promise<void> {
  for (;;) {
    const isFirst = hosts.size === 0
    const name = await must(io, isFirst ? 'first server: name: ' : 'next host: name (empty: no more): ', (answer) =>
      answer === '' && !isFirst ? '' : newName(answer, hosts),
    )
    if (name === '') return
    const role = isFirst ? 'server' : await must(io, '  role: server or agent [agent]: ', oneOf(ROLES, 'agent'))
    const os = await must(io, '  os: nixos, flatcar or debian [debian]: ', oneOf(OSES, 'debian'))
    const { address, target } = await must(io, '  address for ssh (user@host:port): ', (answer) =>
      newAddress(answer, hosts),
    )
    const hostKey = await askHostKey(io, name, target)
    const nodeIP = await must(io, '  its address in the cluster (empty: the one that ssh reaches it at): ', (answer) =>
      nodeIPs(answer, target),
    )
    hosts.set(name, {
      os,
      role,
      address,
      ...(hostKey === undefined ? {} : { hostKey }),
      ...(nodeIP.length === 0
        ? {}
        : { nodeIP: nodeIP.length === 1 && nodeIP[0] !== undefined ? nodeIP[0] : [...nodeIP] }),
    })
  }
}

/**
 * Like add-node: the key that the machine shows, if a person confirms that it is the machine's own. A machine that does
 * not run has none yet.
 */
async function askHostKey(io: Io, host: string, address: SshAddress): Promise<string | undefined> {
  const question = '  its SSH host key, ssh-ed25519 AAAA… (empty: keel asks the machine for it; -: it has none yet): '
  return must(io, question, async (answer) => {
    if (answer === '-') return undefined
    if (answer !== '') return parseSshPublicKey(answer)
    try {
      return await trustedHostKey({ host, address, yes: false, timeoutMs: SCAN_MS }, io)
    } catch (error) {
      if (!(error instanceof KeelError) || error.exit !== ExitCode.Unreachable) throw error
      io.note(`  ${error.found}: when the machine is up, run \`keel add-node ${host}\` to add its key`)
      return undefined
    }
  })
}

function newName(answer: string, hosts: ReadonlyMap<string, HostInput>): string {
  const name = parseHostName(answer)
  if (hosts.has(name)) throw refused(`there is a host ${name} already`)
  return name
}

function newAddress(
  answer: string,
  hosts: ReadonlyMap<string, HostInput>,
): { readonly address: string; readonly target: SshAddress } {
  const target = { user: 'root', port: 22, ...parseSshAddress(answer) }
  const other = [...hosts].find(([, { address }]) => {
    const known = typeof address === 'string' ? parseSshAddress(address) : undefined
    return known?.host === target.host && (known.port ?? 22) === target.port
  })
  if (other !== undefined) throw refused(`that is the address of ${other[0]}`)
  return { address: answer, target }
}

/**
 * At most one address of each family, with a comma between them. Without one, the firewalls use the address that SSH
 * uses, which must then be an address of the node.
 */
function nodeIPs(answer: string, { host }: SshAddress): readonly string[] {
  if (answer === '') {
    parseNodeIp(host)
    return []
  }
  const found = answer.split(',').map((text) => parseNodeIp(text.trim()))
  if (found.length > 2 || (found.length === 2 && found[0]?.includes(':') === found[1]?.includes(':')))
    throw refused('a node has one IPv4 address, one IPv6 address, or one of each')
  return found
}

function oneOf<const Value extends string>(allowed: readonly Value[], offered: Value): (answer: string) => Value {
  return (answer) => {
    const found = answer === '' ? offered : allowed.find((value) => value === answer)
    if (found !== undefined) return found
    const meant = nearest(answer, allowed)
    throw refused(
      `'${answer}' is none of ${allowed.join(', ')}${meant === undefined ? '' : `; did you mean '${meant}'?`}`,
    )
  }
}

async function must<Value>(io: Io, question: string, read: (answer: string) => Value | Promise<Value>): Promise<Value> {
  const said = await askUntil(io, question, read)
  if (said === undefined)
    throw needs(
      'hosts',
      "--host 'name=a,address=root@10.0.0.1,hostKey=ssh-ed25519 AAAA…' (once for each), or --lab NAME",
    )
  return said.value
}

function refused(found: string): KeelError {
  return new KeelError({ code: 'init-answer', found, exit: ExitCode.Usage })
}

/** The error for a missing value, if there is no terminal to ask on. */
export function needs(what: string, flag: string, why = 'there is nobody to ask'): KeelError {
  return new KeelError({
    code: 'init-needs',
    found: `no ${what} given`,
    why,
    todo: `give ${flag}`,
    exit: ExitCode.Usage,
  })
}
