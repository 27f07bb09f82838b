import type { HostFile } from '../../model/cluster.ts'
import { template } from '../../templates/template.ts'
import type { Placement } from '../part.ts'
import { type AgentService, agentService, type Settings } from './agent-service.ts'
import type { FirstCertificate } from './first-certificate.ts'
import unitTemplate from './keel-agent.service.hbs'
import type { NodeAgent } from './node-agent.ts'

/** The keel-agent's service. */
export interface PlacedAgent {
  readonly unit: string
  /** The path of the program. It need not exist yet. */
  readonly program: string
  /** The files of the service: it restarts when one of them changes. */
  readonly files: readonly string[]
  readonly first?: FirstCertificate
}

interface Setting {
  readonly name: string
  readonly value: string
}

const unitText = template<
  Pick<AgentService, 'description' | 'after'> & Record<'unit' | 'environment' | 'service', readonly Setting[]>
>(unitTemplate)

const unit = 'keel-agent.service'
/** Where a binary is on Debian, and an extension's on Flatcar. */
const programInstalled = '/usr/local/bin/keel-agent'

/** What a node has for the keel-agent, as files and folders: the same on every system that keel writes units for. */
export function placeAgent(agent: NodeAgent): Placement<PlacedAgent> {
  const program = agent.program ?? programInstalled
  const { description, after, ...sections } = agentService(agent, program)
  const content = unitText({
    description,
    after,
    unit: settings(sections.unit),
    environment: settings(sections.environment),
    service: settings(sections.service),
  })
  const unitFile = { path: `/etc/systemd/system/${unit}`, content, mode: '0644', owner: 'root', group: 'root' }
  const files = [...agent.files, unitFile]
  return {
    files,
    directories: [{ ...agent.state, owned: true }, ...agent.hiddenFolders],
    placed: placedAgent(agent, program, files),
  }
}

/** The same on every system. */
export function placedAgent({ first }: NodeAgent, program: string, files: readonly HostFile[]): PlacedAgent {
  return { unit, program, files: files.map(({ path }) => path), ...(first === undefined ? {} : { first }) }
}

function settings(section: Settings): readonly Setting[] {
  return Object.entries(section).flatMap(([name, value]) => [value].flat().map((one) => ({ name, value: one })))
}
