import type { Access } from '../../model/distribution/access.ts'
import { type Probe, rows } from '../../model/probe.ts'
import { sh } from '../../templates/shell-quote.ts'

/** What the cluster knows about its hosts, by Node name. */
export interface ClusterMembers {
  readonly nodes: readonly string[]
  /** Names with a node-password secret: k3s refuses a machine that comes under one of them with another password. */
  readonly passwords: readonly string[]
  /**
   * Servers with a member in the cluster's own etcd, by name, or by address for one that has never started: k3s refuses a
   * new one of that name (`duplicate node name found`), Node or not.
   */
  readonly etcd: readonly string[]
}

/**
 * Bash, on a server: `etcd_api PATH JSON` asks the embedded etcd through its HTTP gateway
 * (etcd.io/docs/v3.6/dev-guide/api_grpc_gateway), which needs no other program than k3s. docs/k3s.md, Nodes, has its
 * ports. Starting kubectl costs more than all else here: it is started only for a port that is open. `etcd_members`
 * prints `ID<tab>NODE` of each member that has started, because it is named after its Node; of one that has not, the
 * address of its peer in place of the Node. It fails where there is no gateway.
 */
export const etcdFunctions = ({ kubectl, etcd }: Access) => sh`
etcd_listens() { (host=\${1%:*}; exec 3<>"/dev/tcp/\${host//[][]/}/\${1##*:}") 2>/dev/null; }
etcd_api() {
  local at
  for at in ${etcd.gateways}; do
    etcd_listens "$at" || continue
    ${kubectl} --kubeconfig=/dev/null --server="https://$at" --certificate-authority=${etcd.ca} \\
      --client-certificate=${etcd.certificate} --client-key=${etcd.key} \\
      --request-timeout=10s create --raw "$1" --filename - <<<"$2" 2>/dev/null && return
  done
  return 1
}
etcd_members() {
  [ -d ${etcd.data} ] || return 0
  local answer
  answer=$(etcd_api /v3/cluster/member/list '{}') || return 1
  tr '{' '\\n' <<<"$answer" | sed -nE 's/.*"ID": *"([0-9]+)", *"name": *"([^"]+)'${etcd.memberSuffix}'".*/\\1\\t\\2/p
    s/.*"ID": *"([0-9]+)", *("name": *"", *)?"peerURLs": *\\["https:..\\[?([^]"]+)\\]?:[0-9]+".*/\\1\\t\\3/p'
}`

/** Asked on a server that runs. */
export const clusterMembers: Probe<Access, ClusterMembers> = {
  name: 'cluster-members',
  // etcd without its gateway is no reason to refuse a host: k3s reports in its journal if a member prevents its start
  script: (access) => `set -e
${etcdFunctions(access)}
${sh`nodes=$(${access.kubectl} --request-timeout=10s get nodes -o name)
secrets=$(${access.kubectl} --request-timeout=10s --namespace kube-system get secrets -o name)`}
members=$(etcd_members) || members=
printf '%s\\n' "$nodes" | sed -n 's#^node/#node\\t#p'
printf '%s\\n' "$secrets" | sed -n 's#^secret/\\(.*\\)\\.node-password\\.k3s$#password\\t\\1#p'
printf '%s\\n' "$members" | sed -n 's#^[0-9]*\\t#etcd\\t#p'`,
  parse: (stdout) => {
    const named = (kind: string) =>
      rows(stdout).flatMap(([key, name]) => (key === kind && name !== undefined ? [name] : []))
    return { nodes: named('node'), passwords: named('password'), etcd: named('etcd') }
  },
}

/**
 * The names alone, for a note: asked with everything else, while the host is. Prints nothing where the API does not
 * answer at once. A Node's name is the first field of its metadata (k8s.io/apimachinery, ObjectMeta); in annotations
 * the quotes are escaped.
 */
export const clusterNames: Probe<Access, ClusterMembers | undefined> = {
  name: 'cluster-names',
  script: (access) => `${etcdFunctions(access)}
${sh`if [ -f ${access.admin} ] && nodes=$(timeout 10 ${access.kubectl} --request-timeout=5s get --raw /api/v1/nodes 2>/dev/null); then`}
  printf 'asked\\n'
  grep -oE '"metadata": *[{] *"name": *"[^"]+"' <<<"$nodes" | sed -E 's#.*"([^"]+)"$#node\\t\\1#'
  etcd_members | sed -n 's#^[0-9]*\\t#etcd\\t#p'
fi
true`,
  parse: (stdout) => (/^asked$/m.test(stdout) ? clusterMembers.parse(stdout) : undefined),
}
