import type { Json, KeelAgent } from '../../model/cluster.ts'
import type { ClusterObject } from '../../model/kubernetes/cluster-object.ts'

const part = 'keel-agent'
const namespace = 'keel-system'
const requester = 'keel-agent'
const approver = 'keel-approver'

/**
 * A certificate by which the API server knows the agent, and one to serve with: neither signer gives both. Not the one
 * that makes kubelets.
 */
const signers = ['kubernetes.io/kube-apiserver-client', 'kubernetes.io/kubelet-serving']

/**
 * Who may ask for the keel-agents' certificates, and who may approve them. A node's kubelet may ask without any of
 * this, by the Node authorizer. No token is made here: those are asked of the API, for as long as they are needed.
 * Source: kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests, Authorization
 */
export function keelAgentAccess({ rbac }: KeelAgent): readonly ClusterObject[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', name: namespace, part, fields: {} },
    ...(rbac === 'one-role'
      ? accountWithRole(requester, [requests('create', 'get', 'list'), ...approval])
      : [
          ...accountWithRole(requester, [requests('create', 'get', 'list', 'watch')]),
          ...accountWithRole(approver, [requests('get', 'list', 'watch'), ...approval]),
        ]),
  ]
}

function requests(...verbs: readonly string[]): Json {
  return rule('certificatesigningrequests', verbs)
}

const approval = [
  rule('certificatesigningrequests/approval', ['update']),
  { ...rule('signers', ['approve']), resourceNames: signers },
]

function rule(resource: string, verbs: readonly string[]) {
  return { apiGroups: ['certificates.k8s.io'], resources: [resource], verbs }
}

function accountWithRole(name: string, rules: readonly Json[]): readonly ClusterObject[] {
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', name, part }
  return [
    // no Pod is to run as it
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      namespace,
      name,
      part,
      fields: { automountServiceAccountToken: false },
    },
    { ...rbac, kind: 'ClusterRole', fields: { rules } },
    {
      ...rbac,
      kind: 'ClusterRoleBinding',
      fields: {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      },
    },
  ]
}
