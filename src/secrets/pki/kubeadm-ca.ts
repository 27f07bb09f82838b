import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { ExitCode, KeelError } from '../../errors.ts'
import { type KubeadmCa, serviceAccountKey } from '../../model/kubeadm/pki.ts'
import { readCertificates, verifyPair } from './read-ca.ts'
import { type Ca, selfSignedCa } from './self-signed-ca.ts'

/**
 * One of the CAs of a kubeadm cluster, with the name and the usages of kubeadm's own, on P-256 for ten years.
 * @param now in milliseconds
 */
export function makeKubeadmCa({ commonName }: KubeadmCa, now: number): Ca {
  return selfSignedCa({ commonName, usages: ['digitalSignature', 'keyEncipherment', 'keyCertSign'] }, now)
}

/** @returns a new key on P-256 as SEC1 PEM. Secret. */
export function makeServiceAccountKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ format: 'pem', type: 'sec1' }).toString()
}

/**
 * Refuses what kubeadm does not refuse: a file with several certificates, one that has expired, and a key that belongs to
 * another certificate.
 * @param now in milliseconds
 * @throws KeelError `kubeadm-ca` (exit 2)
 */
export function verifyKubeadmCa(of: KubeadmCa, { certificate, key }: Ca, now: number): void {
  checkKubeadmCertificate(of, certificate, now)
  verifyPair(
    { certificate, key },
    (found, why) => badCa(of, found, why),
    'kubeadm does not notice that, and no certificate of the cluster would be valid',
  )
}

/** The same for the certificate alone. @throws KeelError `kubeadm-ca` (exit 2) */
export function checkKubeadmCertificate(of: KubeadmCa, certificate: string, now: number): void {
  const [first, ...others] = readCertificates(Buffer.from(certificate), (found) => badCa(of, found))
  if (first?.ca !== true) throw badCa(of, 'a certificate that is not a CA')
  if (others.length > 0) throw badCa(of, 'more than one certificate')
  const end = first.validToDate
  if (end.getTime() <= now) throw badCa(of, `a CA that expired on ${end.toISOString().slice(0, 10)}`)
}

/** Refuses what is not a key that an API server can sign with. @throws KeelError `service-account-key` (exit 2) */
export function checkServiceAccountKey(pem: string): void {
  const type = typeOf(pem)
  if (type === 'ec' || type === 'rsa') return
  throw new KeelError({
    code: 'service-account-key',
    at: `secrets/${serviceAccountKey}.age`,
    found: type === undefined ? 'not a private key' : `a private key of the type ${type}`,
    why: 'the API server signs the tokens of service accounts with an EC or RSA key',
    todo: 'give the content of /etc/kubernetes/pki/sa.key of a control plane',
    exit: ExitCode.Usage,
  })
}

function typeOf(pem: string): string | undefined {
  try {
    return createPrivateKey(pem).asymmetricKeyType
  } catch {
    return undefined
  }
}

function badCa({ certificateFile, signs }: KubeadmCa, found: string, why = `this CA signs ${signs}`): KeelError {
  return new KeelError({
    code: 'kubeadm-ca',
    at: certificateFile,
    found,
    why,
    todo: 'restore the certificate and its key from the same commit',
    exit: ExitCode.Usage,
  })
}
