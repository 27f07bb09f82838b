import type { Credentials } from '../agent/kubernetes/credentials.ts'
import type { Log } from '../agent/log.ts'
import type { PodsOfNode } from './api/pods-of-node.ts'
import type { HostImages } from './apt/host-images.ts'
import type { HostFolders } from './host/host-folders.ts'
import type { NodeFacts } from './node/node-facts.ts'
import type { Left } from './node/pressures.ts'
import type { HostSettings } from './units/container-unit.ts'

/** What the program is started with, to run the Pods of a Node. */
export interface NodeWanted {
  readonly read: () => Promise<Credentials>
  readonly facts: NodeFacts
  readonly left: () => Promise<Left>
  readonly images: (changed: () => void) => HostImages
  readonly host: HostSettings
  readonly folders: HostFolders
  /** The Pods of the Node, for others who want to know them. */
  readonly pods?: PodsOfNode
  readonly log: Log
  readonly signal: AbortSignal
}
