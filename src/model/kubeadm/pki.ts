import type { SecretName } from '../brands.ts'
import { parseSecretName } from '../names.ts'

/** One of the CAs that kubeadm takes if it finds them: its certificate is in git in clear, its key is a secret. */
export interface KubeadmCa {
  readonly key: SecretName
  /** Relative to the inventory. */
  readonly certificateFile: string
  /** As kubeadm's own CAs are called (kubernetes.io/docs/setup/best-practices/certificates). */
  readonly commonName: string
  /** On a control plane, without `.crt` and `.key`. */
  readonly path: string
  /** What it signs, in words. */
  readonly signs: string
}

const folder = '/etc/kubernetes/pki'

export const kubernetesCa: KubeadmCa = {
  key: parseSecretName('kubernetes-ca-key'),
  certificateFile: 'secrets/kubernetes-ca.crt',
  commonName: 'kubernetes',
  path: `${folder}/ca`,
  signs: 'the API server, kubelets and administrators',
}

export const kubeadmCas: readonly KubeadmCa[] = [
  kubernetesCa,
  {
    key: parseSecretName('front-proxy-ca-key'),
    certificateFile: 'secrets/front-proxy-ca.crt',
    commonName: 'front-proxy-ca',
    path: `${folder}/front-proxy-ca`,
    signs: 'the front proxy of the API server',
  },
  {
    key: parseSecretName('etcd-ca-key'),
    certificateFile: 'secrets/etcd-ca.crt',
    commonName: 'etcd-ca',
    path: `${folder}/etcd/ca`,
    signs: 'the members of etcd',
  },
]

/** The key with which the API server signs the tokens of service accounts. It has no certificate. */
export const serviceAccountKey = parseSecretName('service-account-key')

/** Every secret that a control plane of kubeadm has, and nobody else but admins. */
export const kubeadmSecrets: readonly SecretName[] = [...kubeadmCas.map(({ key }) => key), serviceAccountKey]
