import { AGENT_PROGRAM_IN_NIXOS, currentSystem } from '../../model/keel-agent/agent-program.ts'
import { etcSource } from '../../templates/nix-etc.ts'
import { type NixValue, nixCode } from '../../templates/nix-text.ts'
import type { NixosPlacement, NixSet } from '../part.ts'
import type { Service } from '../service.ts'
import { APPROVER_UNIT, approverService, TOKEN_UNIT, tokenService } from './approver-services.ts'
import type { NodeApprover } from './node-approver.ts'
import type { PlacedApprover } from './place-approver.ts'

/** What a server has for the approver, with its services as NixOS writes them. */
export function placeApproverInNixos(node: NodeApprover): NixosPlacement<PlacedApprover> {
  const program = node.program ?? AGENT_PROGRAM_IN_NIXOS
  return {
    files: [node.policy, node.tokenScript],
    units: {
      [TOKEN_UNIT]: unit(tokenService(node, program), [etcSource(node.tokenScript.path)]),
      [APPROVER_UNIT]: unit(approverService(node, program, [currentSystem]), [
        etcSource(node.policy.path),
        // the program's own path stays the same when the program changes
        nixCode('config.system.path'),
      ]),
    },
  }
}

function unit(
  { description, wants = [], after, unit: unitConfig, environment, service }: Service,
  restartTriggers: readonly NixValue[],
): NixSet {
  return {
    description,
    wantedBy: ['multi-user.target'],
    ...(wants.length === 0 ? {} : { wants }),
    after,
    environment,
    unitConfig,
    restartTriggers,
    serviceConfig: service,
  }
}
