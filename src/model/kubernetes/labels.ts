import { ExitCode, KeelError } from '../../errors.ts'
import { quote } from '../names.ts'
import { hint } from '../text/nearest.ts'

/** apimachinery, validation.IsQualifiedName and IsValidLabelValue. */
const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/**
 * kubernetes/pkg/kubelet/apis/well_known_labels.go: the labels below kubernetes.io and k8s.io that a kubelet may set on
 * its Node.
 */
const KUBELET_LABELS = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
])
/**
 * Each kubelet sets these labels from its machine (pkg/kubelet, initialNode). The node lifecycle controller copies the
 * new names to the old names.
 */
const MACHINE_LABELS = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
])
/** k3s overwrites them at each start, and newer versions remove them (pkg/agent, updateLegacyAddressLabels). */
const ADDRESS_LABELS = new Set(['k3s.io/hostname', 'k3s.io/internal-ip', 'k3s.io/external-ip'])
/** The cloud controller of k3s sets them to `k3s` on every Node that joins (pkg/cloudprovider, InstanceMetadata). */
const CLOUD_LABELS = new Set(['node.kubernetes.io/instance-type', 'beta.kubernetes.io/instance-type'])

const KUBELET_NAMESPACES = ['kubelet.kubernetes.io', 'node.kubernetes.io']

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/**
 * Taints that the node lifecycle controller sets and removes by the conditions of the Node. It would remove one that a
 * user sets within seconds.
 */
const CONDITION_TAINTS = new Set(
  [
    'not-ready',
    'unreachable',
    'unschedulable',
    'memory-pressure',
    'disk-pressure',
    'pid-pressure',
    'network-unavailable',
  ].map((condition) => `node.kubernetes.io/${condition}`),
)

/**
 * @throws KeelError `label` (exit 2): not the key of a label, or a label that a kubelet may not set on its own Node, or
 * `label-taken`: one that the kubelet or k3s sets.
 */
export function parseLabelKey(key: string): string {
  const why = whyNoKey(key)
  if (why !== undefined) throw refused('label', `${quote(key)} is not a label`, why)
  if (MACHINE_LABELS.has(key)) {
    throw refused(
      'label-taken',
      `label ${quote(key)} belongs to the kubelet`,
      'each kubelet sets it from its machine, and Kubernetes uses it to choose the Pods that run there; with another value they would not',
      'remove it, or use a name of your own domain',
    )
  }
  if (ADDRESS_LABELS.has(key)) {
    throw refused(
      'label-taken',
      `label ${quote(key)} belongs to k3s`,
      'k3s sets or removes it at each start, from the name and the addresses of the node',
      'remove it, or use a name of your own domain',
    )
  }
  if (!isForKubelets(key)) {
    throw refused(
      'label-kubelet',
      `label ${quote(key)} is not one that a node may set on itself`,
      'a kubelet refuses to start with it: below kubernetes.io and k8s.io it may only set node.kubernetes.io/…, kubelet.kubernetes.io/…, topology.kubernetes.io/zone and /region',
      `use a name of your own domain, or \`kubectl label node\` once the node has joined`,
    )
  }
  return key
}

/** For a cluster with the cloud controller of k3s. @throws KeelError `label-taken` (exit 2) */
export function refuseCloudLabel(key: string): void {
  if (!CLOUD_LABELS.has(key)) return
  throw refused(
    'label-taken',
    `label ${quote(key)} belongs to k3s`,
    "the cloud controller of k3s sets it to 'k3s' when the node joins, whatever value the node reports",
    "use a name of your own domain, or set 'disable-cloud-controller' in `k3s` of hosts/cluster",
  )
}

/** @throws KeelError `label` (exit 2). */
export function parseLabelValue(value: string): string {
  if (value !== '' && !NAME.test(value)) {
    throw refused(
      'label',
      `${quote(value)} is not a value for a label`,
      'a value has letters, digits, and - _ . inside, at most 63 characters',
    )
  }
  return value
}

/** `key=value:Effect` or `key:Effect`. @throws KeelError `taint` (exit 2). */
export function parseTaint(text: string): string {
  const [keyValue = '', effect, ...more] = text.split(':')
  const [key = '', value, ...rest] = keyValue.split('=')
  if (effect === undefined || more.length > 0 || rest.length > 0) {
    throw refused('taint', `${quote(text)} is not a taint`, 'the form is key=value:Effect or key:Effect')
  }
  const why = whyNoKey(key)
  if (why !== undefined) throw refused('taint', `${quote(text)} is not a taint`, why)
  if (value !== undefined && value !== '' && !NAME.test(value)) {
    throw refused(
      'taint',
      `${quote(text)} is not a taint`,
      'its value has letters, digits, and - _ . inside, at most 63 characters',
    )
  }
  if (!EFFECTS.includes(effect)) {
    throw refused(
      'taint',
      `${quote(text)} is not a taint`,
      `its effect must be one of ${EFFECTS.join(', ')}`,
      hint(effect, EFFECTS),
    )
  }
  if (CONDITION_TAINTS.has(key)) {
    throw refused(
      'taint-condition',
      `taint ${quote(key)} belongs to the control plane`,
      'the control plane sets and removes it, depending on the condition of the node',
    )
  }
  return text
}

/**
 * What identifies a taint that `parseTaint` has read: its key and effect. A Node has one taint for each, and kubelet
 * exits if there is a second one with any value.
 */
export function taintIdentity(taint: string): string {
  const [keyValue = '', effect = ''] = taint.split(':')
  return `${keyValue.split('=')[0]}:${effect}`
}

/** The taints of `own`, after those defaults whose key and effect `own` does not have. */
export function mergeTaints(defaults: readonly string[], own: readonly string[]): readonly string[] {
  const taken = new Set(own.map(taintIdentity))
  return [...defaults.filter((taint) => !taken.has(taintIdentity(taint))), ...own]
}

/** Whether the inventory may contain this label. keel never removes any other label from a Node. */
export function isOwnLabel(key: string): boolean {
  return whyNoKey(key) === undefined && isForKubelets(key) && !MACHINE_LABELS.has(key) && !ADDRESS_LABELS.has(key)
}

/**
 * Whether the inventory may contain this taint (`key:Effect`); keel never removes any other. Taints below
 * node-restriction.kubernetes.io are not among them, because kubelets must not change them.
 */
export function isOwnTaint(id: string): boolean {
  const [key = '', effect = '', ...more] = id.split(':')
  const isRestriction = key.startsWith('node-restriction.kubernetes.io/')
  return (
    whyNoKey(key) === undefined &&
    more.length === 0 &&
    EFFECTS.includes(effect) &&
    !CONDITION_TAINTS.has(key) &&
    !isRestriction
  )
}

function whyNoKey(key: string): string | undefined {
  const [first = '', second, ...more] = key.split('/')
  const name = second ?? first
  if (more.length > 0) return 'a key contains at most one /'
  if (second !== undefined && (first.length > 253 || !SUBDOMAIN.test(first)))
    return 'the part before the / must be a DNS name'
  return NAME.test(name) ? undefined : 'the name of a key has letters, digits, and - _ . inside, at most 63 characters'
}

/** kubernetes/cmd/kubelet/app/options, isKubernetesLabel and IsKubeletLabel. */
function isForKubelets(key: string): boolean {
  const namespace = key.includes('/') ? key.slice(0, key.indexOf('/')) : ''
  const below = (domain: string) => namespace === domain || namespace.endsWith(`.${domain}`)
  if (!below('kubernetes.io') && !below('k8s.io')) return true
  return KUBELET_LABELS.has(key) || KUBELET_NAMESPACES.some(below)
}

function refused(code: string, found: string, why: string, todo?: string): KeelError {
  return new KeelError({ code, found, why, ...(todo === undefined ? {} : { todo }), exit: ExitCode.Usage })
}
