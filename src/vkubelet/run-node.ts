import { PodsOfNode } from './api/pods-of-node.ts'
import { keepNode } from './keep-node.ts'
import { keepPods } from './keep-pods.ts'
import type { NodeWanted } from './node-wanted.ts'

/** Runs the Pods of a Node on this host. Ends by `signal` alone, and with its reason. */
export async function runNode(wanted: NodeWanted): Promise<never> {
  const { pods = new PodsOfNode() } = wanted
  let wake = () => {}
  const changed = () => wake()
  const following = pods.follow({ ...wanted, node: wanted.facts.name, changed })
  return Promise.race([following, keepNode(wanted), keepPods(wanted, pods, (one) => (wake = one))])
}
