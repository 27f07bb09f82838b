import type { Json, KeelAgent } from '../../model/cluster.ts'
import {
  APPROVED_SIGNERS,
  APPROVER_ACCOUNT,
  KEEL_NAMESPACE,
  REQUESTER_ACCOUNT,
} from '../../model/keel-agent/approver-account.ts'
import type { ClusterObject } from '../../model/kubernetes/cluster-object.ts'

const part = 'keel-agent'

/**
 * Who may ask for the keel-agents' certificates, and who may approve them. A node's kubelet may ask without any of
 * this, by the Node authorizer. No token is made here: those are asked of the API, for as long as they are needed.
 * Source: kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests, Authorization
 */
export function keelAgentAccess({ rbac }: KeelAgent): readonly ClusterObject[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', name: KEEL_NAMESPACE, part, fields: {} },
    ...(rbac === 'one-role'
      ? accountWithRole(REQUESTER_ACCOUNT, [requests('create', 'get', 'list'), ...approval])
      : [
          ...accountWithRole(REQUESTER_ACCOUNT, [requests('create', 'get', 'list', 'watch')]),
          ...accountWithRole(APPROVER_ACCOUNT, [requests('get', 'list', 'watch'), ...approval]),
          // Kubernetes takes Events about objects without a namespace only here (validation of core/v1 Event)
          ...roleIn('default', APPROVER_ACCOUNT, [rule('events.k8s.io', 'events', ['create'])]),
          // last: without the Lease it decides nothing, so its first decision has an Event
          ...roleIn(KEEL_NAMESPACE, APPROVER_ACCOUNT, oneLease),
        ]),
  ]
}

function requests(...verbs: readonly string[]) {
  return rule(certificates, 'certificatesigningrequests', verbs)
}

const certificates = 'certificates.k8s.io'

/** To deny a request takes the same right as to approve it. */
const approval = [
  rule(certificates, 'certificatesigningrequests/approval', ['update']),
  { ...rule(certificates, 'signers', ['approve']), resourceNames: APPROVED_SIGNERS },
]

/** An object has no name yet when it is created: so this right is for the namespace, which has no other Lease. */
const oneLease = [
  rule('coordination.k8s.io', 'leases', ['create']),
  { ...rule('coordination.k8s.io', 'leases', ['get', 'update']), resourceNames: [APPROVER_ACCOUNT] },
]

function rule(apiGroup: string, resource: string, verbs: readonly string[]) {
  return { apiGroups: [apiGroup], resources: [resource], verbs }
}

/** Rights in one namespace, for an account of keel's. */
function roleIn(namespace: string, name: string, rules: readonly Json[]): readonly ClusterObject[] {
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', name, namespace, part }
  return [
    { ...rbac, kind: 'Role', fields: { rules } },
    { ...rbac, kind: 'RoleBinding', fields: bound('Role', name) },
  ]
}

function bound(kind: string, name: string) {
  return {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: KEEL_NAMESPACE }],
  }
}

function accountWithRole(name: string, rules: readonly Json[]): readonly ClusterObject[] {
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', name, part }
  return [
    // no Pod is to run as it
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      namespace: KEEL_NAMESPACE,
      name,
      part,
      fields: { automountServiceAccountToken: false },
    },
    { ...rbac, kind: 'ClusterRole', fields: { rules } },
    { ...rbac, kind: 'ClusterRoleBinding', fields: bound('ClusterRole', name) },
  ]
}
