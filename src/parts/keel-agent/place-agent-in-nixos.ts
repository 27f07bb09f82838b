import {
  AGENT_PROGRAM_IN_NIXOS,
  agentNodeOptions,
  BUNDLE_BESIDE_MODULE,
  currentSystem,
} from '../../model/keel-agent/agent-program.ts'
import { etcSource } from '../../templates/nix-etc.ts'
import { type NixExpression, nix, nixCode, nixPath, nixText } from '../../templates/nix-text.ts'
import type { NixosHost, NixosPlacement } from '../part.ts'
import { agentService } from './agent-service.ts'
import type { NodeAgent } from './node-agent.ts'
import { type PlacedAgent, placedAgent } from './place-agent.ts'
import { helperInNixos } from './place-helper.ts'

/** What a node has for the keel-agent, with its service as NixOS writes it. */
export function placeAgentInNixos(agent: NodeAgent, { host }: NixosHost): NixosPlacement<PlacedAgent> {
  const isOwn = agent.program !== undefined
  const { description, after, unit, environment, service } = agentService(agent, AGENT_PROGRAM_IN_NIXOS, [
    currentSystem,
  ])
  const helper = helperInNixos()
  return {
    files: agent.files,
    directories: [{ ...agent.state, owned: true }, ...agent.hiddenFolders],
    placed: placedAgent(agent, agent.program ?? AGENT_PROGRAM_IN_NIXOS, agent.files),
    ...(isOwn ? {} : { definitions: [definition], packages: [program], assertions: [nodeIsNew(host)] }),
    etc: helper.etc,
    sockets: helper.sockets,
    units: {
      ...helper.units,
      'keel-agent': {
        description,
        wantedBy: ['multi-user.target'],
        after,
        environment,
        unitConfig: unit,
        // the program's own path stays the same when the program changes
        restartTriggers: [
          ...agent.files.map(({ path }) => etcSource(path)),
          isOwn ? nixCode('config.system.path') : program,
        ],
        serviceConfig: service,
      },
    },
  }
}

const node = nixCode('keelAgentNode')
const program = nixCode('keelAgent')

/** As the launcher elsewhere. The slim packages are Node without npm. */
const definition: NixExpression = nix`# the keel-agent: keel's bundle, run by the Node of nixpkgs
${node} = pkgs.nodejs-slim_24 or pkgs.nodejs-slim_22 or pkgs.nodejs-slim;
${program} = pkgs.writeShellScriptBin "keel-agent" ${nixText`exec ${node}/bin/node ${agentNodeOptions.join(' ')} ${nixPath(`./${BUNDLE_BESIDE_MODULE}`)} "$@"`};`

function nodeIsNew(host: string) {
  return {
    assertion: nix`lib.versionAtLeast ${node}.version "22"`,
    message: nixText`hosts/${host}/k3s.nix: the keel-agent needs Node 22 or newer, and nixpkgs has ${nix`${node}.version`}: update nixpkgs, or set keelAgent to false for this host.`,
  }
}
