import * as z from 'zod'
import { strict } from '../schema/parsed.ts'
import { logLevel } from './agent-config.ts'

const path = z.string().regex(/^\//)
const texts = z.array(z.string().min(1))

/**
 * /etc/keel/approver.json, the policy of the keel-approver. keel writes it from the inventory, and the approver refuses
 * what it does not know. Published as schema/approver.json. `version` changes if an approver of today would misread the
 * file. A new key with a default needs no new version.
 */
export const approverPolicySchema = strict({
  version: z.literal(1),
  kubernetes: strict({
    server: z.url({ protocol: /^https$/ }).describe('the API server of this host'),
    ca: path.describe('the CA that verifies it (PEM)'),
    token: path.describe("the token of the approver's account, which the host requests and renews"),
  }),
  lease: strict({
    namespace: z.string().min(1),
    name: z.string().min(1),
  }).describe('who has this Lease is the one active approver'),
  signers: texts.describe('the signers whose requests the approver looks at; it leaves all others alone'),
  accounts: texts
    .describe('accounts that no request is approved for unless it is allowed below, besides those named there')
    .default([]),
  allowed: z
    .array(
      strict({
        node: z.string().min(1).describe('the node whose request it is'),
        signer: z.string().min(1),
        requester: strict({
          username: z.string().min(1),
          groups: texts.describe('exactly these, in any order'),
          extra: z
            .record(z.string(), texts)
            .describe('what else Kubernetes must know of the requester: that its token is bound to this node')
            .default({}),
        }),
        subject: strict({
          commonName: z.string().min(1),
          organizations: texts.describe('exactly these, in any order'),
        }),
        dnsNames: texts.describe('the request can have these names, and no others'),
        addresses: texts.describe('the request can have these IP addresses, and no others'),
        usages: z.array(texts).min(1).describe('exactly one of these lists, in any order'),
        longestSeconds: z
          .int()
          .positive()
          .describe('the longest lifetime that may be requested; absent: what the signer gives without a request')
          .optional(),
      }),
    )
    .describe('what is approved: a request that has all of one entry'),
  hourlyRequests: z.int().positive().describe('how many requests a node can make in an hour'),
  log: strict({ level: logLevel }),
})

export type ApproverPolicy = z.output<typeof approverPolicySchema>
export type Allowed = ApproverPolicy['allowed'][number]
/** As keel writes it: without what has a default. */
export type WrittenApproverPolicy = z.input<typeof approverPolicySchema>
