import { etcSource } from '../../templates/nix-etc.ts'
import { nixCode } from '../../templates/nix-text.ts'
import type { NixosPlacement } from '../part.ts'
import { agentService } from './agent-service.ts'
import type { NodeAgent } from './node-agent.ts'
import { type PlacedAgent, placedAgent } from './place-agent.ts'

/**
 * The system that was activated last, whose units run. The profile is still the system before while a deploy tries a
 * new one.
 */
const currentSystem = '/run/current-system'
/** What a NixOS host has in `environment.systemPackages`. */
const programInstalled = `${currentSystem}/sw/bin/keel-agent`

/** What a node has for the keel-agent, with its service as NixOS writes it. */
export function placeAgentInNixos(agent: NodeAgent): NixosPlacement<PlacedAgent> {
  const program = agent.program ?? programInstalled
  const { description, after, unit, environment, service } = agentService(agent, program, [currentSystem])
  return {
    files: agent.files,
    directories: [{ ...agent.state, owned: true }, ...agent.hiddenFolders],
    placed: placedAgent(agent, program, agent.files),
    units: {
      'keel-agent': {
        description,
        wantedBy: ['multi-user.target'],
        after,
        environment,
        unitConfig: unit,
        // the program's own path stays the same when the program changes
        restartTriggers: [...agent.files.map(({ path }) => etcSource(path)), nixCode('config.system.path')],
        serviceConfig: service,
      },
    },
  }
}
