/** The accounts and objects in the API by which the agents' certificates are requested and approved. */
export const KEEL_NAMESPACE = 'keel-system'
export const REQUESTER_ACCOUNT = 'keel-agent'
/** Also the name of its Lease. */
export const APPROVER_ACCOUNT = 'keel-approver'

/**
 * The signer of the certificates that kubelets serve with. Kubernetes itself refuses it to a node that asks in the name
 * of another one, and the cluster's CA, which the inventory has, verifies what it signs.
 * Source: kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests, Kubernetes signers
 */
export const SERVING_SIGNER = 'kubernetes.io/kubelet-serving'

/**
 * The signers whose requests the approver decides. No agent asks the first one: the approver denies it to nodes,
 * because Kubernetes would sign any name.
 */
export const APPROVED_SIGNERS = ['kubernetes.io/kube-apiserver-client', SERVING_SIGNER] as const

/** Seconds that the agent requests: it survives a week without an API server. The approver allows no more. */
export const AGENT_LIFETIME = 7 * 24 * 60 * 60

/**
 * Seconds. Kubernetes takes no shorter request.
 * Source: kubernetes.io/docs/reference/kubernetes-api/authentication-resources/certificate-signing-request-v1,
 * expirationSeconds
 */
export const SHORTEST_LIFETIME = 600
