/**
 * How the cluster is reached on one of its hosts, by programs and files that are there. The same on all hosts of a
 * cluster.
 */
export interface Access {
  /** The words of the command. On a server it takes the administrator's kubeconfig by itself. */
  readonly kubectl: readonly string[]
  /** The administrator's kubeconfig; on servers. */
  readonly admin: string
  /** The kubeconfig of the node's own kubelet. */
  readonly node: string
  /** The certificate of the CA that the API server shows; on servers. */
  readonly ca: string
  readonly etcd: EtcdAccess
}

/** Servers with an etcd of the cluster's own have these. */
interface EtcdAccess {
  /** Its data: the folder is there where a member is. */
  readonly data: string
  readonly ca: string
  readonly certificate: string
  readonly key: string
  /** Where its HTTP gateway may listen, the likeliest first. */
  readonly gateways: readonly string[]
}
