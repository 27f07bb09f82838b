import { readIp } from '../../model/addresses/ip.ts'
import type { Host, KeelAgent } from '../../model/cluster.ts'
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
import { approvesKubelets } from '../../model/keel-agent/approves-kubelets.ts'
import type { WholeCluster } from '../../model/servers-of.ts'
import { credential } from './credential.ts'

const requesterAccount = `system:serviceaccount:${KEEL_NAMESPACE}:${REQUESTER_ACCOUNT}`

type WrittenAllowed = WrittenApproverPolicy['allowed'][number]

/** An agent that fails again and again requests about ten times in its first hour, then four times an hour. */
const HOURLY_REQUESTS = 20

/**
 * Which requests the approver on a server approves: those that the agents of the inventory make, and those of kubelets
 * where nobody else decides about them.
 */
export function approverPolicyOf(
  { cluster, apiOn }: Pick<WholeCluster, 'cluster' | 'apiOn'>,
  keelAgent: KeelAgent,
  server: Host,
): WrittenApproverPolicy {
  return {
    version: 1,
    kubernetes: { server: apiOn(server), ca: credential.seen.ca, token: credential.seen.token },
    lease: { namespace: KEEL_NAMESPACE, name: APPROVER_ACCOUNT },
    signers: [...APPROVED_SIGNERS],
    accounts: [requesterAccount],
    allowed: [
      ...cluster.hosts.filter((host) => host.keelAgent).map((host) => agentOn(host, keelAgent)),
      ...(approvesKubelets(cluster) ? cluster.hosts.map(kubeletOn) : []),
    ],
    hourlyRequests: HOURLY_REQUESTS,
    log: { level: keelAgent.logLevel },
  }
}

function agentOn(host: Host, keelAgent: KeelAgent): WrittenAllowed {
  return { ...servingOn(host), requester: requesterOf(keelAgent, host), longestSeconds: AGENT_LIFETIME }
}

/** A kubelet requests no lifetime, so its certificate has the signer's longest (a year). */
function kubeletOn(host: Host): WrittenAllowed {
  return { ...servingOn(host), requester: nodeItself(host) }
}

/** What both of them request: a certificate to serve with, for the names of the host. */
function servingOn(host: Host): Omit<WrittenAllowed, 'requester'> {
  const names = agentNames(host)
  return {
    node: host.name,
    signer: SERVING_SIGNER,
    subject: { commonName: `system:node:${host.name}`, organizations: ['system:nodes'] },
    dnsNames: [...new Set([host.name, ...names.filter((name) => readIp(name) === undefined)])],
    addresses: names.flatMap((name) => readIp(name) ?? []),
    usages: [['digital signature', 'server auth']],
  }
}

/**
 * As whom the agent of a node makes its request. The account of tokens is the same on all nodes, so such a token must be
 * bound to the Node object: the API server then says to which one.
 * Source: kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin, "Bound service account tokens"
 */
function requesterOf({ credential: { kind } }: KeelAgent, host: Host): WrittenAllowed['requester'] {
  if (kind === 'kubelet') return nodeItself(host)
  return {
    username: requesterAccount,
    groups: ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${KEEL_NAMESPACE}`],
    extra: { 'authentication.kubernetes.io/node-name': [host.name] },
  }
}

/** By the certificate of the kubelet. */
function nodeItself({ name }: Host): WrittenAllowed['requester'] {
  return { username: `system:node:${name}`, groups: ['system:authenticated', 'system:nodes'] }
}
