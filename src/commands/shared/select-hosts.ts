import type { Cluster, Host } from '../../model/cluster.ts'
import { chooseHost, chooseHosts } from '../../selection/choose-hosts.ts'
import { shellQuote } from '../../templates/shell-quote.ts'
import type { OptionSpec } from './command.ts'

/** Which hosts a verb with `[host...]` is about. */
export interface HostsInput {
  readonly host: readonly string[]
  readonly role?: string
  readonly tag?: readonly string[]
  readonly except?: readonly string[]
}

/** The options of every verb with `[host...]`. */
export const hostOptions: readonly OptionSpec[] = [
  { flags: '--role <role>', summary: 'only servers, or only agents' },
  { flags: '--tag <tag...>', summary: 'only hosts that have this tag in the inventory, or one of several' },
  { flags: '--except <host...>', summary: "not this host, or not those that match a pattern: 'web-*'" },
]

/** Beside `hostOptions`, of every verb that asks hosts. */
export interface UnreachableInput {
  readonly skipUnreachable?: boolean
}

export function skipUnreachable(summary: string): OptionSpec {
  return { flags: '--skip-unreachable', summary }
}

/**
 * The hosts that the command line chooses, or all.
 * @throws FaultsError (exit 2) for what fits no host
 */
export function selectHosts(cluster: Cluster, input: HostsInput): readonly Host[] {
  const { host, role, tag = [], except = [] } = input
  return chooseHosts(cluster.hosts, { names: host, ...(role === undefined ? {} : { role }), tags: tag, except })
}

/** The one host of this name. @throws FaultsError (exit 2) */
export function selectHost(cluster: Cluster, name: string): Host {
  return chooseHost(cluster.hosts, name)
}

/** The same choice, as words of another command line for a shell. */
export function choiceWords(input: HostsInput & UnreachableInput): readonly string[] {
  const { host, role, tag = [], except = [] } = input
  return [
    ...host,
    ...(role === undefined ? [] : ['--role', role]),
    ...tag.flatMap((one) => ['--tag', one]),
    ...except.flatMap((one) => ['--except', one]),
    ...(input.skipUnreachable === true ? ['--skip-unreachable'] : []),
  ].map(shellQuote)
}
