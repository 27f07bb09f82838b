import type { HostFile } from '../../model/cluster.ts'
import { AGENT_ARTIFACT, AGENT_PROGRAM, agentLauncher, NODE_ARTIFACT } from '../../model/keel-agent/agent-program.ts'
import type { Placement, PushedPrograms } from '../part.ts'
import { rootFile } from '../root-file.ts'
import { serviceText } from '../service.ts'
import { agentService } from './agent-service.ts'
import type { FirstCertificate } from './first-certificate.ts'
import type { NodeAgent } from './node-agent.ts'
import { helperFiles } from './place-helper.ts'

/** The keel-agent's service. */
export interface PlacedAgent {
  readonly unit: string
  /** The path of the program. */
  readonly program: string
  /** keel brings the program, so it is there once a deploy has put its files in place. */
  readonly isPushed: boolean
  /** The files of the service: it restarts when one of them changes. */
  readonly files: readonly string[]
  readonly first?: FirstCertificate
}

const unit = 'keel-agent.service'

/** What a node has for the keel-agent, as files and folders: the same on every system that keel writes units for. */
export function placeAgent(agent: NodeAgent, programs: PushedPrograms): Placement<PlacedAgent> {
  const program = agent.program ?? AGENT_PROGRAM
  const isPushed = agent.program === undefined && programs.paths.size > 0
  const service = agentService(agent, AGENT_PROGRAM)
  const after = [...service.after, ...(isPushed && programs.from !== undefined ? [programs.from] : [])]
  const content = serviceText({ ...service, after })
  const unitFile = rootFile(`/etc/systemd/system/${unit}`, '0644', content)
  const files = [...agent.files, ...helperFiles(), unitFile, ...(isPushed ? launcherFile(programs) : [])]
  return {
    files,
    directories: [{ ...agent.state, owned: true }, ...agent.hiddenFolders],
    placed: placedAgent(agent, program, files, isPushed ? programs : undefined),
  }
}

/** The same on every system. */
export function placedAgent(
  { first }: NodeAgent,
  program: string,
  files: readonly HostFile[],
  pushed?: PushedPrograms,
): PlacedAgent {
  return {
    ...{ unit, program, isPushed: pushed !== undefined },
    files: [...files.map(({ path }) => path), ...(pushed?.changes ?? [])],
    ...(first === undefined ? {} : { first }),
  }
}

/** An extension has the executable in it. */
function launcherFile({ paths, from }: PushedPrograms): readonly HostFile[] {
  const [node, bundle] = [paths.get(NODE_ARTIFACT), paths.get(AGENT_ARTIFACT)]
  if (from !== undefined || node === undefined || bundle === undefined) return []
  return [rootFile(AGENT_PROGRAM, '0755', agentLauncher(node, bundle))]
}
