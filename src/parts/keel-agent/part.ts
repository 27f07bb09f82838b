import type { Part } from '../part.ts'
import { type AgentState, agentState } from './agent-state.ts'
import { keelAgentAccess } from './keel-agent-access.ts'
import type { NodeAgent } from './node-agent.ts'
import { nodeAgentOf } from './node-agent-of.ts'
import { type PlacedAgent, placeAgent } from './place-agent.ts'
import { placeAgentInNixos } from './place-agent-in-nixos.ts'
import { certifyAgent, planAgent } from './plan-agent.ts'

/** keel's own agent on a node: its service, its files, and who may ask for its certificates. */
export const keelAgent: Part<'keelAgent', NodeAgent, PlacedAgent, AgentState> = {
  name: 'keelAgent',
  starts: 'after',
  wants: (whole) => (host) => nodeAgentOf(whole, host),
  objects: ({ keelAgent }) => (keelAgent === undefined ? [] : keelAgentAccess(keelAgent)),
  place: (agent, _textOf, programs) => placeAgent(agent, programs),
  placeInNixos: placeAgentInNixos,
  firstBootUnits: ({ unit }) => [unit],
  probe: agentState,
  units: (seen) => [seen],
  certify: certifyAgent,
  plan: planAgent,
}
