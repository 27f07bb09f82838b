import type { CertifyOperation, PartOperation } from '../part-operation.ts'
import { planService } from '../plan-service.ts'
import type { AgentState } from './agent-state.ts'
import { whyCertify } from './first-certificate.ts'
import type { PlacedAgent } from './place-agent.ts'

export function planAgent(
  { unit, files, isPushed }: PlacedAgent,
  seen: AgentState | undefined,
  isNew: (path: string) => boolean,
): readonly PartOperation[] {
  return planService({ unit, files, hasProgram: isPushed || seen?.program === true }, seen, isNew)
}

/** Without its first certificate nobody can ask the agent before Kubernetes is there. */
export function certifyAgent({ unit, first }: PlacedAgent, seen: AgentState | undefined): readonly CertifyOperation[] {
  const why = first === undefined ? undefined : whyCertify(first, seen?.first)
  return why === undefined ? [] : [{ op: 'certify', unit, why }]
}
