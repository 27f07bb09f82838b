import { type SigningRequest, signingRequest } from '../../../src/agent/approver/signing-request.ts'
import { type ApproverPolicy, approverPolicySchema } from '../../../src/model/keel-agent/approver-policy.ts'
import { craftedPem } from './crafted-request.ts'

const SERVING = 'kubernetes.io/kubelet-serving'
export const CLIENT = 'kubernetes.io/kube-apiserver-client'

/** The policy of a cluster of maia and reef. A kubelet of reef may also have its serving certificate. */
export const samplePolicy: ApproverPolicy = approverPolicySchema.parse({
  version: 1,
  kubernetes: { server: 'https://127.0.0.1:6443', ca: '/ca.crt', token: '/token' },
  lease: { namespace: 'keel-system', name: 'keel-approver' },
  signers: [CLIENT, SERVING],
  accounts: ['system:serviceaccount:keel-system:keel-agent'],
  allowed: [
    allowed('maia', ['maia'], ['10.0.0.2']),
    allowed('reef', ['reef'], ['10.0.0.3', 'fd00::3']),
    {
      ...allowed('reef', ['reef'], ['10.0.0.3', 'fd00::3']),
      usages: [
        ['digital signature', 'server auth'],
        ['digital signature', 'key encipherment', 'server auth'],
      ],
      longestSeconds: undefined,
    },
  ],
  hourlyRequests: 3,
  log: { level: 'info' },
})

function allowed(node: string, dnsNames: readonly string[], addresses: readonly string[]) {
  return {
    node,
    signer: SERVING,
    requester: { username: `system:node:${node}`, groups: ['system:nodes', 'system:authenticated'] },
    subject: { commonName: `system:node:${node}`, organizations: ['system:nodes'] },
    dnsNames,
    addresses,
    usages: [['digital signature', 'server auth']],
    longestSeconds: 604_800,
  }
}

/** The request of the agent of maia, as the API has it, with some of it replaced. */
export function sampleSigningRequest(
  spec: object = {},
  { pem = craftedPem(), ...rest }: { readonly pem?: string; readonly metadata?: object; readonly status?: object } = {},
): SigningRequest {
  return signingRequest.parse({
    status: rest.status,
    metadata: {
      name: 'keel-agent-maia-x2c4v',
      uid: 'u1',
      resourceVersion: '7',
      creationTimestamp: '2026-11-29T12:00:00Z',
      ...rest.metadata,
    },
    spec: {
      request: Buffer.from(pem).toString('base64'),
      signerName: SERVING,
      username: 'system:node:maia',
      groups: ['system:nodes', 'system:authenticated'],
      usages: ['digital signature', 'server auth'],
      expirationSeconds: 604_800,
      ...spec,
    },
  })
}
