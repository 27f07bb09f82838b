import { ExitCode, KeelError } from '../../errors.ts'
import type { KubernetesVersion } from '../brands.ts'
import { quote } from '../names.ts'

/** The minors whose kubeadm takes the documents that keel writes (kubeadm.k8s.io/v1beta4). */
export const KUBEADM_MINORS: readonly number[] = [34, 35, 36]

/** The version of a new kubeadm inventory. */
export const DEFAULT_KUBERNETES = 'v1.36.3'

/** @throws KeelError `kubernetes-version` (exit 2): not of the form `v1.36.3`, or a minor that keel does not know. */
export function parseKubernetesVersion(text: string): KubernetesVersion {
  const minor = /^v1\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.exec(text)?.[1]
  if (minor === undefined)
    throw refused(text, `with kubeadm the form is ${DEFAULT_KUBERNETES}: a release of Kubernetes`)
  if (!KUBEADM_MINORS.includes(Number(minor)))
    throw refused(text, `keel knows the kubeadm of ${KUBEADM_MINORS.map((known) => `1.${known}`).join(', ')}`)
  return text as KubernetesVersion
}

function refused(text: string, why: string): KeelError {
  return new KeelError({
    code: 'kubernetes-version',
    found: `${quote(text)} is not a version that keel can deploy`,
    why,
    exit: ExitCode.Usage,
  })
}
