import type { Cluster, VirtualIp } from '../model/cluster.ts'
import { apiAt } from '../model/k3s/api-address.ts'
import { sh } from '../templates/shell-quote.ts'

/** The address of the cluster on a server whose turn lasts until the API answers by it. */
export interface AwaitedAddress {
  readonly address: string
  /** What to look at, or to do, if nobody has it. */
  readonly hint: string
  /** The label of the Pods in kube-system that move it. Absent where a program of the host does. */
  readonly pods?: string
}

/**
 * The address that the next host needs to join. kubeadm takes it from the ConfigMap `cluster-info`, whichever server lets
 * a host in, asks there for the settings of the cluster, and gives up after a minute (`timeouts.kubernetesAPICall`;
 * cmd/kubeadm/app/util/config/cluster.go). An image may need longer, and a user too. With k3s nothing waits: agents ask
 * until somebody answers, and servers join through one another.
 */
export function awaitedAddress(
  { distribution: { kind } }: Pick<Cluster, 'distribution'>,
  { address }: VirtualIp,
  moved: Pick<AwaitedAddress, 'hint' | 'pods'>,
): AwaitedAddress | undefined {
  return kind === 'kubeadm' ? { address, ...moved } : undefined
}

/** Bash that waits for it, with the functions of the verification's script. */
export function awaitAddress({ address, hint, pods }: AwaitedAddress): string {
  // why containers do not run: ErrImagePull, CrashLoopBackOff
  const reasons = 'jsonpath={range .items[*].status.containerStatuses[*]}{.state.waiting.reason}{"\\n"}{end}'
  const reason =
    pods === undefined
      ? 'true'
      : sh`ask --namespace=kube-system get pods --selector=${pods} -o ${reasons} 2>/dev/null | sort -u | sed -n 's/./: &/p' | head -n 1`
  return `${sh`address_answers() { [ "$(ask --server=${apiAt(address)} --request-timeout=2s get --raw /readyz 2>/dev/null)" = ok ]; }
address_late() { printf 'no API server answered at %s (%s%s)' ${address} ${hint} `}"$(${reason})"; }
${sh`until_true ${`the API server to answer at ${address}`} address_answers address_late`}`
}
