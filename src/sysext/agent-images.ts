import type { Arch } from '../model/cluster.ts'
import {
  AGENT_ARTIFACT,
  AGENT_PROGRAM,
  agentLauncher,
  mergedBundle,
  mergedNode,
  NODE_ARTIFACT,
} from '../model/keel-agent/agent-program.ts'
import { extensionImage, folder } from './extension.ts'
import type { Piece } from './pieces.ts'

/** Node's program as a system extension of its own, so that another bundle does not push Node again. */
export function nodeImage(program: Piece, arch: Arch): readonly Piece[] {
  const lib = folder({ keel: folder({ [nameOf(mergedNode)]: { kind: 'file', mode: 0o755, content: program } }) })
  return extensionImage({ name: NODE_ARTIFACT, arch }, { local: folder({ lib }) })
}

/** The keel-agent's bundle, and the executable that has Node run it. */
export function agentImage(bundle: Piece, arch: Arch): readonly Piece[] {
  const launcher = Buffer.from(agentLauncher(mergedNode, mergedBundle))
  const bin = folder({ [nameOf(AGENT_PROGRAM)]: { kind: 'file', mode: 0o755, content: launcher } })
  const lib = folder({ keel: folder({ [nameOf(mergedBundle)]: { kind: 'file', mode: 0o644, content: bundle } }) })
  return extensionImage({ name: AGENT_ARTIFACT, arch }, { local: folder({ bin, lib }) })
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
