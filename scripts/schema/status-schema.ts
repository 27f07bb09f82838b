import * as z from 'zod'
import { ROLES } from '../../src/model/cluster.ts'
import { LEVELS } from '../../src/status/cluster/cluster-status.ts'

const level = z.enum(LEVELS).describe('how well it is, from best to worst: well, asking, pending, failing, unreachable')
const time = z.iso.datetime()
const finding = z.strictObject({
  code: z.string().describe('stable, for programs'),
  level,
  text: z.string().describe('for people'),
})
const fault = z.strictObject({
  code: z.string(),
  at: z.string().optional(),
  found: z.string(),
  why: z.string().optional(),
  todo: z.string().optional(),
})

const host = z.strictObject({
  host: z.string(),
  role: z.enum(ROLES),
  level,
  fault: fault.optional().describe('why the host did not answer'),
  node: z
    .enum(['ready', 'not-ready', 'cordoned', 'missing'])
    .optional()
    .describe('its Node; absent where the host runs none, or no server could be asked'),
  version: z.string().optional().describe('the version that runs, according to its Node'),
  pods: z
    .strictObject({
      running: z.int().describe('running and ready'),
      total: z.int().describe('without those that have come to their end'),
    })
    .optional(),
  drift: z.union([
    z.strictObject({ kind: z.literal('none') }),
    z.strictObject({
      kind: z.literal('differs'),
      changes: z.array(
        z.strictObject({ op: z.string().describe('the operation of keel plan'), to: z.string().optional() }),
      ),
    }),
    z.strictObject({ kind: z.literal('unknown') }),
  ]),
  findings: z.array(finding),
})

const hosts = z.int().describe('0: keel status changes no host')

/** The last line of `--watch`: `Timed & EndEvent`. */
export const endSchema = z
  .strictObject({
    time: time.describe('when keel ended'),
    event: z.literal('end'),
    exit: z.int().describe("keel's exit code"),
    seconds: z.number().describe('how long keel ran'),
    hosts: z.strictObject({ changed: hosts, unchanged: hosts, failed: hosts, 'not-switched': hosts, behind: hosts }),
  })
  .describe('the last line of keel status --watch --json')

/** What `keel status --json` prints: `ClusterStatus`. */
export const statusSchema = z.strictObject({
  cluster: z.string(),
  time: time.describe('of the last answer'),
  level: level.describe('the worst of hosts and findings'),
  hosts: z.array(host).describe('the worst first'),
  through: z.string().optional().describe('the server that told about Nodes, Pods and etcd; absent where none could'),
  vip: z
    .strictObject({
      address: z.string(),
      manager: z.enum(['keepalived', 'kube-vip', 'ha-vip']),
      holders: z.array(z.string()).describe('servers that have the address: one, unless something is wrong'),
    })
    .optional(),
  etcd: z
    .strictObject({
      members: z.array(
        z.strictObject({
          name: z.string(),
          learner: z.boolean(),
          healthy: z.boolean().optional().describe('its own word; absent where it did not answer'),
        }),
      ),
      leader: z.string().optional(),
    })
    .optional(),
  certificates: z
    .array(
      z.strictObject({
        host: z.string(),
        file: z.string(),
        ends: time,
        days: z.int().describe('whole days until then; negative: it has ended'),
      }),
    )
    .describe('of the hosts above, the one that ends first before the others'),
  findings: z.array(finding).describe('what is wrong with the cluster, and with no host alone'),
})
