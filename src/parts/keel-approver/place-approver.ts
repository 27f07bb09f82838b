import type { HostFile } from '../../model/cluster.ts'
import { AGENT_PROGRAM } from '../../model/keel-agent/agent-program.ts'
import type { Placement, PushedPrograms } from '../part.ts'
import { rootFile } from '../root-file.ts'
import { type Service, serviceText } from '../service.ts'
import { APPROVER_UNIT, approverService, TOKEN_UNIT, tokenService } from './approver-services.ts'
import type { NodeApprover } from './node-approver.ts'

/** The keel-approver's two services. */
export interface PlacedApprover {
  /** The path of the program, which is the agent's. */
  readonly program: string
  /** keel brings the program, so it is there once a deploy has put its files in place. */
  readonly isPushed: boolean
  readonly approver: PlacedService
  readonly token: PlacedService
}

interface PlacedService {
  readonly unit: string
  /** It restarts when one of them changes. */
  readonly files: readonly string[]
}

/** What a server has for the approver, as files: the same on every system that keel writes units for. */
export function placeApprover(node: NodeApprover, programs: PushedPrograms): Placement<PlacedApprover> {
  const program = node.program ?? AGENT_PROGRAM
  const isPushed = node.program === undefined && programs.paths.size > 0
  const from = isPushed && programs.from !== undefined ? [programs.from] : []
  const approver = unitFile(APPROVER_UNIT, approverService(node, program), from)
  const token = unitFile(TOKEN_UNIT, tokenService(node, program), from)
  // the executable is a file of its own, or in what is pushed
  const changes = isPushed ? [program, ...programs.changes] : []
  return {
    files: [node.policy, node.tokenScript, token, approver],
    placed: {
      ...{ program, isPushed },
      approver: { unit: `${APPROVER_UNIT}.service`, files: [...changes, node.policy.path, approver.path] },
      token: { unit: `${TOKEN_UNIT}.service`, files: [node.tokenScript.path, token.path] },
    },
  }
}

function unitFile(name: string, service: Service, from: readonly string[]): HostFile {
  const content = serviceText({ ...service, after: [...service.after, ...from] })
  return rootFile(`/etc/systemd/system/${name}.service`, '0644', content)
}
