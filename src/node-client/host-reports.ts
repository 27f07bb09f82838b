import { type Fault, KeelError, plainFault } from '../errors.ts'
import type { HostName } from '../model/brands.ts'
import type { AgentAccess } from './agent-connection.ts'
import type { Answers } from './checked-answer.ts'
import { type AgentPlace, ask } from './node-client.ts'

/** What an agent is asked for at once: each is the last word of its path. */
type ReportName = 'node' | 'kubernetes' | 'generation' | 'ready' | 'services' | 'certificates'

/**
 * What a host's agent has answered. Without a fault, a report is absent where the agent does not know the question: it
 * is older than this keel.
 */
export interface HostReports extends Partial<Pick<Answers, ReportName>> {
  readonly host: HostName
  /** It did not answer, or keel does not believe it: then there is no report. */
  readonly fault?: Fault
}

/** What `keel node status`, `health`, `services` and `certs` print with `--json`, with its time. */
export interface NodeReports {
  readonly hosts: readonly HostReports[]
}

/** Asks agents side by side. One that does not answer keeps no other from it. */
export async function askReports(
  places: readonly AgentPlace[],
  access: AgentAccess,
  names: readonly ReportName[],
): Promise<NodeReports> {
  return { hosts: await Promise.all(places.map((place) => reportsOf(place, access, names))) }
}

async function reportsOf(place: AgentPlace, access: AgentAccess, names: readonly ReportName[]): Promise<HostReports> {
  const { name: host } = place.host
  try {
    const reports = await Promise.all(names.map(async (name) => [name, await report(place, access, name)] as const))
    return { host, ...Object.fromEntries(reports.filter(([, value]) => value !== undefined)) }
  } catch (error) {
    if (!(error instanceof KeelError)) throw error
    return { host, fault: plainFault(error) }
  }
}

function report(place: AgentPlace, access: AgentAccess, name: ReportName) {
  return ask(place, access, name, { method: 'GET', path: `/v1/${name}` })
}
