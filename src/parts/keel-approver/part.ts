import type { Part } from '../part.ts'
import { type ApproverState, approverState } from './approver-state.ts'
import type { NodeApprover } from './node-approver.ts'
import { nodeApproverOf } from './node-approver-of.ts'
import { type PlacedApprover, placeApprover } from './place-approver.ts'
import { placeApproverInNixos } from './place-approver-in-nixos.ts'
import { planApprover } from './plan-approver.ts'

/** What approves the agents' certificates, on servers. Its rights in the API come with the agent's part. */
export const keelApprover: Part<'keelApprover', NodeApprover, PlacedApprover, ApproverState> = {
  name: 'keelApprover',
  starts: 'after',
  wants: nodeApproverOf,
  place: (node, _textOf, programs) => placeApprover(node, programs),
  placeInNixos: placeApproverInNixos,
  firstBootUnits: ({ token, approver }) => [token.unit, approver.unit],
  probe: approverState,
  units: ({ token, approver }) => [token, approver],
  plan: planApprover,
}
