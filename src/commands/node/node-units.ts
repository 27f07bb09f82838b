import { ExitCode, KeelError } from '../../errors.ts'
import type { AgentAccess } from '../../node-client/agent-connection.ts'
import { type AgentPlace, ask } from '../../node-client/node-client.ts'

/** systemd.unit(5): the characters of a unit's name. */
const UNIT = /^[\w:.@\\-]{1,255}$/

/** The name of a unit as a user gives it. @throws KeelError `usage` (exit 2) */
export function unitOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (!UNIT.test(text))
    throw new KeelError({
      code: 'usage',
      at: '--unit',
      found: text,
      todo: 'give the name of a unit',
      exit: ExitCode.Usage,
    })
  return /\.[a-z]+$/.test(text) ? text : `${text}.service`
}

/** The unit that runs Kubernetes on a host. @throws KeelError `agent-answer` if its agent knows none */
export async function kubernetesUnit(place: AgentPlace, access: AgentAccess): Promise<string> {
  const found = await ask(place, access, 'kubernetes', { method: 'GET', path: '/v1/kubernetes' })
  const unit = found?.service?.unit
  if (unit !== undefined && UNIT.test(unit)) return unit
  throw new KeelError({
    code: 'agent-answer',
    at: place.host.name,
    found: 'the agent knows no unit that runs Kubernetes',
    todo: 'name the unit: --unit UNIT',
  })
}
