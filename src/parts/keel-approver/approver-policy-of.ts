import { readIp } from '../../model/addresses/ip.ts'
import type { Cluster, Host, KeelAgent } from '../../model/cluster.ts'
import { agentApi } from '../../model/k3s/api-address.ts'
import { agentNames } from '../../model/keel-agent/agent-names.ts'
import {
  AGENT_LIFETIME,
  APPROVED_SIGNERS,
  APPROVER_ACCOUNT,
  KEEL_NAMESPACE,
  REQUESTER_ACCOUNT,
  SERVING_SIGNER,
} from '../../model/keel-agent/approver-account.ts'
import type { WrittenApproverPolicy } from '../../model/keel-agent/approver-policy.ts'
import { credential } from './credential.ts'

const requesterAccount = `system:serviceaccount:${KEEL_NAMESPACE}:${REQUESTER_ACCOUNT}`

type WrittenAllowed = WrittenApproverPolicy['allowed'][number]

/** An agent that fails again and again requests about ten times in its first hour, then four times an hour. */
const HOURLY_REQUESTS = 20

/** Which requests the approver on a server approves: those that the agents of the inventory make. */
export function approverPolicyOf(cluster: Cluster, keelAgent: KeelAgent, server: Host): WrittenApproverPolicy {
  return {
    version: 1,
    kubernetes: { server: agentApi(cluster, server), ca: credential.seen.ca, token: credential.seen.token },
    lease: { namespace: KEEL_NAMESPACE, name: APPROVER_ACCOUNT },
    signers: [...APPROVED_SIGNERS],
    accounts: [requesterAccount],
    allowed: cluster.hosts.filter((host) => host.keelAgent).map((host) => allowedOf(keelAgent, host)),
    hourlyRequests: HOURLY_REQUESTS,
    log: { level: keelAgent.logLevel },
  }
}

function allowedOf(keelAgent: KeelAgent, host: Host): WrittenAllowed {
  const names = agentNames(host)
  return {
    node: host.name,
    signer: SERVING_SIGNER,
    requester: requesterOf(keelAgent, host),
    subject: { commonName: `system:node:${host.name}`, organizations: ['system:nodes'] },
    dnsNames: [...new Set([host.name, ...names.filter((name) => readIp(name) === undefined)])],
    addresses: names.flatMap((name) => readIp(name) ?? []),
    usages: [['digital signature', 'server auth']],
    longestSeconds: AGENT_LIFETIME,
  }
}

/**
 * As whom the agent of a node makes its request. The account of tokens is the same on all nodes, so such a token must be
 * bound to the Node object: the API server then says to which one.
 * Source: kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin, "Bound service account tokens"
 */
function requesterOf({ credential: { kind } }: KeelAgent, { name }: Host): WrittenAllowed['requester'] {
  if (kind === 'kubelet') return { username: `system:node:${name}`, groups: ['system:authenticated', 'system:nodes'] }
  return {
    username: requesterAccount,
    groups: ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${KEEL_NAMESPACE}`],
    extra: { 'authentication.kubernetes.io/node-name': [name] },
  }
}
