import * as z from 'zod'
import { jsonText, jsonWords } from '../../model/text/json-text.ts'
import { type Settings, settingsOfWords } from '../distribution/k3s-settings.ts'

/** What a host's Node says of the k3s that registered it last. */
export interface NodeStatus {
  readonly kubeletVersion: string
  /** The networks of its Pods. */
  readonly podCIDRs: readonly string[]
  /** Its addresses among the nodes. */
  readonly addresses: readonly string[]
  /** What k3s was started with, of the flags in `settledFlags`; absent where k3s has not noted it. */
  readonly startedWith?: Settings
}

const node = jsonText.pipe(
  z.object({
    kind: z.literal('Node'),
    metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }),
    spec: z.object({ podCIDRs: z.array(z.string()).default([]) }).default({ podCIDRs: [] }),
    status: z
      .object({
        nodeInfo: z.object({ kubeletVersion: z.string().default('') }).default({ kubeletVersion: '' }),
        addresses: z.array(z.object({ type: z.string(), address: z.string() })).default([]),
      })
      .default({ nodeInfo: { kubeletVersion: '' }, addresses: [] }),
  }),
)

/** Reads what `nodeMarks` has asked for: the same Node, once more. */
export function nodeStatus(stdout: string): NodeStatus | undefined {
  const found = node.safeParse(stdout).data
  if (found === undefined) return undefined
  const given = jsonWords.safeParse(found.metadata.annotations['k3s.io/node-args']).data
  return {
    kubeletVersion: found.status.nodeInfo.kubeletVersion,
    podCIDRs: found.spec.podCIDRs,
    addresses: found.status.addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
    ...(given === undefined ? {} : { startedWith: settingsOfWords(given) }),
  }
}
