import { sh } from '../templates/shell-quote.ts'

/**
 * Runs on a server: has the cluster forget a machine. Deleting the Node takes its password and a server's etcd member with it; where there is no
 * Node the password may still be there by itself (facts: k3s.md, Nodes).
 */
export function forgetScript(node: string): string {
  return sh`set -e
k3s kubectl delete node --ignore-not-found --timeout=60s -- ${node}
k3s kubectl --namespace kube-system delete secret --ignore-not-found --timeout=60s -- ${`${node}.node-password.k3s`}`
}
