import * as z from 'zod'
import { logLevel } from '../keel-agent/agent-config.ts'
import { strict } from '../schema/parsed.ts'

const path = z.string().regex(/^\//)
const texts = z.array(z.string().min(1))

/**
 * /etc/keel/vkubelet.json, the configuration of keel-vkubelet. keel writes it, and the program refuses what it does not
 * know. It contains no secret: those are in files that it names.
 */
export const vkubeletConfigSchema = strict({
  version: z.literal(1),
  node: strict({
    name: z.string().min(1).describe('of its Node'),
    addresses: texts
      .describe('of the Node and of its Pods, the first one first; empty: that of the default route')
      .default([]),
    labels: z.record(z.string(), z.string()).default({}),
    taints: texts.describe('`key=value:Effect` or `key:Effect`').default([]),
    kubernetes: z.string().regex(/^v\d/).describe('the version of Kubernetes that it says it is'),
    pods: z.int().min(1).max(500).describe('the most Pods that it takes').default(110),
    port: z.int().min(1).max(65_535).describe('the TCP port on which the API server reaches it').default(10250),
  }),
  api: strict({
    servers: z
      .array(z.string().regex(/^https:\/\//))
      .min(1)
      .describe('where it reaches the API as a node does: the first that answers'),
    join: z
      .discriminatedUnion('kind', [
        strict({ kind: z.literal('k3s'), token: path, nodePassword: path }),
        strict({ kind: z.literal('kubeadm'), token: path }),
      ])
      .describe('how it gets its first certificate: the files with what it shows for that'),
    ca: path.describe('the CA that verifies the API server (PEM); kept there, where it comes with the join'),
    client: strict({ certificate: path, key: path }).describe('its own certificate, which it renews (PEM)'),
    state: path.describe('a folder of its own, for the certificate that it serves with'),
  }),
  images: strict({
    packages: texts.default([]),
    programs: texts.default([]),
    repositories: z
      .array(strict({ name: z.string().min(1), uris: texts, source: path.describe('a file of sources for apt') }))
      .default([]),
    logins: path.describe('a file with the logins of repositories (YAML)').optional(),
  }),
  hostPaths: z.array(strict({ path, readOnly: z.boolean() })).default([]),
  reserve: strict({ milliCores: z.int().min(0), memory: z.int().min(0) }),
  hidden: z.array(path).describe('what no Pod sees').default([]),
  log: strict({ level: logLevel }).default({ level: 'info' }),
})

export type VkubeletConfig = z.output<typeof vkubeletConfigSchema>
/** As keel writes it. */
export type WrittenVkubeletConfig = z.input<typeof vkubeletConfigSchema>
