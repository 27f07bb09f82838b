import { ExitCode, KeelError } from '../../errors.ts'
import type { HostInput } from '../../model/input.ts'
import type { Io } from '../command.ts'
import { parseHostSpec } from './host-spec.ts'

/** Asks for one value, offering what stands there when nothing is typed. Without a terminal that is the answer. */
export async function askFor(io: Io, question: string, offered: string): Promise<string> {
  const answer = await io.ask(`${question} [${offered}]: `)
  return answer?.trim() || offered
}

/**
 * Asks for hosts until an empty name.
 * @throws KeelError `init-needs` (exit 2) where there is no terminal to ask on; `host-spec` for an answer that can't be
 */
export async function askHosts(io: Io): Promise<ReadonlyMap<string, HostInput>> {
  const hosts = new Map<string, HostInput>()
  for (;;) {
    const name = await askOrFail(io, hosts.size === 0 ? 'first server: name: ' : 'next host: name (empty: no more): ')
    if (name === '' && hosts.size > 0) return hosts
    if (name === '') continue
    const answers = [`name=${name}`]
    for (const [key, question] of QUESTIONS) {
      if (key === 'role' && hosts.size === 0) continue
      const answer = await askOrFail(io, `  ${question}: `)
      if (answer !== '') answers.push(`${key}=${answer}`)
    }
    const [host, input] = parseHostSpec(answers.join(','), hosts.size)
    hosts.set(host, input)
  }
}

const QUESTIONS = [
  ['role', 'role: server or agent [agent]'],
  ['os', 'os: nixos, flatcar or debian [debian]'],
  ['address', 'address for ssh (user@host:port)'],
  ['hostKey', 'its SSH host key, from a place you trust: ssh-ed25519 AAAA… (empty: it has none yet)'],
  ['nodeIP', 'its address in the cluster (empty: the host decides)'],
] as const

async function askOrFail(io: Io, question: string): Promise<string> {
  const answer = await io.ask(question)
  if (answer === undefined)
    throw needs('hosts', "--host 'name=a,address=root@10.0.0.1,hostKey=ssh-ed25519 AAAA…' (once for each), or --lab NAME")
  return answer.trim()
}

/** Something that nobody has told, where nobody can be asked. */
export function needs(what: string, flag: string, why = 'there is nobody to ask'): KeelError {
  return new KeelError({
    code: 'init-needs',
    found: `no ${what} given`,
    why,
    todo: `give ${flag}`,
    exit: ExitCode.Usage,
  })
}
