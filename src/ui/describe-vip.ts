import { oneLine } from '../model/text/one-line.ts'
import type { ServerStatus, VipStatus } from '../status/vip-status.ts'

/** The state of the cluster's address, as text for a person. */
export function describeVip({ address, manager, holders, servers }: VipStatus): string {
  const held = holders.length === 0 ? 'is on no server' : `is on ${holders.join(' and on ')}`
  return [
    `${address} ${held} (${manager})`,
    ...servers.map((server) => `  ${oneLine(describeServer(server, manager))}`),
  ].join('\n')
}

function describeServer(status: ServerStatus, manager: VipStatus['manager']): string {
  if (status.kind === 'unknown') return `${status.server}: no answer: ${status.fault.found}`
  const { server, state } = status
  // only keepalived uses keel's checker
  if (manager !== 'keepalived') return `${server}: ${state.holds ? 'has it' : 'does not have it'}`
  const why = state.manager.active === 'active' ? state.reason : 'keepalived does not run'
  const fit = state.fit && state.manager.active === 'active' ? 'healthy' : `not healthy (${why})`
  const last = state.changes.at(-1)
  const since =
    last === undefined ? '' : `; ${last.what} since ${new Date(last.at * 1000).toISOString().replace('.000Z', 'Z')}`
  return `${server}: ${state.holds ? 'has it, ' : ''}${fit}${since}`
}
