import type { SecretName } from '../../model/brands.ts'
import type { Distribution, K3s } from '../../model/distribution/distribution.ts'
import { makeToken } from '../../model/k3s/token.ts'
import { kubeadmCas, kubeadmSecrets, serviceAccountKey } from '../../model/kubeadm/pki.ts'
import { CA_CERTIFICATE_FILE } from '../pki/ca-certificate-file.ts'
import { makeKubeadmCa, makeServiceAccountKey } from '../pki/kubeadm-ca.ts'
import { caHash, makeServerCa } from '../pki/server-ca.ts'

/** What keel creates for a new cluster, together or not at all. */
interface Founding {
  readonly secrets: readonly SecretName[]
  /** The files of the certificates of its CAs, by the secret with the key. */
  readonly certificateFiles: ReadonlyMap<SecretName, string>
  /** New values for all of `secrets`, and new certificates in PEM by file. `now` in milliseconds. */
  readonly make: (now: number) => {
    readonly values: ReadonlyMap<SecretName, string>
    readonly certificates: ReadonlyMap<string, string>
  }
}

/** Undefined for a cluster that keel has not founded: its CA is not in the inventory. */
export function foundingOf(distribution: Distribution): Founding | undefined {
  return distribution.kind === 'k3s' ? foundingOfK3s(distribution) : kubeadmFounding
}

function foundingOfK3s({ secrets: { ca, serverToken, agentToken } }: K3s): Founding | undefined {
  if (ca === undefined) return undefined
  return {
    secrets: [ca, serverToken, agentToken],
    certificateFiles: new Map([[ca, CA_CERTIFICATE_FILE]]),
    make(now) {
      const { certificate, key } = makeServerCa(now)
      const hash = caHash(Buffer.from(certificate))
      return {
        values: new Map([
          [ca, key],
          [serverToken, makeToken(hash, 'server')],
          [agentToken, makeToken(hash, 'node')],
        ]),
        certificates: new Map([[CA_CERTIFICATE_FILE, certificate]]),
      }
    },
  }
}

const kubeadmFounding: Founding = {
  secrets: kubeadmSecrets,
  certificateFiles: new Map(kubeadmCas.map(({ key, certificateFile }) => [key, certificateFile])),
  make(now) {
    const made = kubeadmCas.map((ca) => ({ ca, ...makeKubeadmCa(ca, now) }))
    return {
      values: new Map([
        ...made.map(({ ca, key }) => [ca.key, key] as const),
        [serviceAccountKey, makeServiceAccountKey()],
      ]),
      certificates: new Map(made.map(({ ca, certificate }) => [ca.certificateFile, certificate])),
    }
  },
}
