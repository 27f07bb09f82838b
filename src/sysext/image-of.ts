import type { Arch } from '../model/cluster.ts'
import { AGENT_ARTIFACT, NODE_ARTIFACT } from '../model/keel-agent/agent-program.ts'
import { agentImage, nodeImage } from './agent-images.ts'
import { k3sImage } from './k3s-image.ts'
import type { Piece } from './pieces.ts'

const IMAGES = new Map<string, (content: Piece, arch: Arch) => readonly Piece[]>([
  ['k3s', k3sImage],
  [NODE_ARTIFACT, nodeImage],
  [AGENT_ARTIFACT, agentImage],
])

/** The system extension image that keel makes of an artifact. */
export function imageOf({ name, arch }: { readonly name: string; readonly arch: Arch }, content: Piece) {
  const make = IMAGES.get(name)
  if (make === undefined) throw new Error(`keel makes no system extension of ${name}`)
  return make(content, arch)
}
