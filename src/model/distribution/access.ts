import type { Role } from '../cluster.ts'

/**
 * How to reach the cluster on one of its hosts, with the programs and files there. The same on all hosts of a cluster.
 */
export interface Access {
  /** The words of the kubectl command. On a server it uses the administrator's kubeconfig by itself. */
  readonly kubectl: readonly string[]
  /** The kubeconfig of the administrator, on servers. */
  readonly admin: string
  /** The kubeconfig of the kubelet of the node. */
  readonly node: string
  /** What the kubelet shows to the API, renewed in place, and the CA that verifies the API. On every node. */
  readonly kubelet: { readonly certificate: string; readonly key: string; readonly ca: string }
  /** Words of a command that answers for the host's own Node (`json`, `ready`), where the host has no kubectl. */
  readonly ownNode?: readonly string[]
  /** Folders of Kubernetes with other credentials, parents first. To be hidden, they must be there. */
  readonly hidden: readonly HiddenFolder[]
  /** The certificate of the CA that signs the API server, on servers. */
  readonly ca: string
  /** The CA that signs clients of the API, on servers. */
  readonly clientCa: { readonly certificate: string; readonly key: string }
  readonly etcd: EtcdAccess
  /** The ConfigMap with what the cluster was founded with. Absent where the distribution has none. */
  readonly founded?: { readonly name: string; readonly namespace: string }
  /**
   * The API server of a server itself, for Pods in its network. Absent where the Service of the API is there before the
   * address of the cluster is.
   */
  readonly serverApi?: { readonly host: string; readonly port: string }
}

interface HiddenFolder {
  readonly path: string
  /** As Kubernetes makes it. */
  readonly mode: string
  readonly onlyOn?: Role
}

/** Only for servers with the cluster's own etcd. */
interface EtcdAccess {
  /** Its data. The folder exists if the host has a member. */
  readonly data: string
  readonly ca: string
  readonly certificate: string
  readonly key: string
  /** Where it tells without encryption whether it is healthy, on loopback. */
  readonly health: { readonly host: string; readonly port: string }
  /** The possible ports of its HTTP gateway, the most likely one first. */
  readonly gateways: readonly string[]
  /** What follows the name of the Node in that of its member, as an extended regular expression. */
  readonly memberSuffix: string
}
