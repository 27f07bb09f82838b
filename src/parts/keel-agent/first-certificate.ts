import type { HostName } from '../../model/brands.ts'
import { agentIdentity } from '../../model/keel-agent/agent-identity.ts'
import { subjectAltName } from '../../model/keys/extension.ts'
import { readCertificate } from '../../model/keys/read-certificate.ts'
import { sshEcdsaBlob } from '../../model/keys/ssh-ecdsa.ts'
import { sh } from '../../templates/shell-quote.ts'
import type { CertifyReason } from '../part-operation.ts'

/** The certificate with which the agent serves while Kubernetes has given it none, as the host should have it. */
export interface FirstCertificate {
  /** The CA that signs it, in PEM. */
  readonly ca: string
  readonly node: HostName
  /** How clients reach the agent, besides by the name of its node. */
  readonly names: readonly string[]
}

/** What a host says about the pair that it has. */
export interface FirstPair {
  /** Mode and owner of each file. */
  readonly modes: readonly string[]
  /** The file of the certificate, in base64. */
  readonly certificate: string
  /** The public key of the file of the key, as SSH writes it; empty if it cannot be read. */
  readonly publicKey: string
  /** By the clock of the host: seconds. */
  readonly now: number
}

const { certificate, key } = agentIdentity.first
/** Bytes of the file that a host prints: more than a certificate of keel has, and less than a line of an answer may. */
const MOST_BYTES = 3000

export const firstPair = {
  shapes: {
    'first.modes.*': /^\d{3,4} \S{1,256} \S{1,256}$/,
    'first.certificate': /^[\w+/=]*$/,
    'first.publicKey': /^[\w+/=]*$/,
  },
  script: () => sh`if [ -f ${certificate} ] && [ -f ${key} ]; then
  stat -L --printf 'FirstMode=%a %U %G\n' -- ${certificate} ${key}
  printf 'FirstCertificate=%s\n' "$(head -c ${MOST_BYTES} -- ${certificate} | base64 -w0)"
  printf 'FirstKey=%s\n' "$(ssh-keygen -y -P '' -f ${key} 2>/dev/null < /dev/null | head -c 400)"
  printf 'FirstSeen=%s\n' "$EPOCHSECONDS"
fi`,
  parse(stdout: string): FirstPair | undefined {
    const one = (name: string) => new RegExp(`^First${name}=(.*)$`, 'm').exec(stdout)?.[1]
    const text = one('Certificate')
    if (text === undefined) return undefined
    return {
      modes: [...stdout.matchAll(/^FirstMode=(.*)$/gm)].map(([, mode = '']) => mode),
      certificate: text,
      publicKey: one('Key')?.split(' ')[1] ?? '',
      now: Number(one('Seen')),
    }
  },
}

/** Whether a host needs a new one. Pure. */
export function whyCertify(
  { ca, node, names }: FirstCertificate,
  seen: FirstPair | undefined,
): CertifyReason | undefined {
  if (seen === undefined) return 'missing'
  if (seen.modes.some((mode) => mode !== '600 root root')) return 'mode'
  const held = readCertificate(Buffer.from(seen.certificate, 'base64').toString('latin1'))
  const issuer = readCertificate(ca)
  if (held === undefined || issuer === undefined || held.publicKey.asymmetricKeyType !== 'ec') return 'damaged'
  if (sshEcdsaBlob(held.publicKey).toString('base64') !== seen.publicKey) return 'other-key'
  if (!held.checkIssued(issuer) || !held.verify(issuer.publicKey)) return 'other-ca'
  if (held.subject !== `CN=system:node:${node}` || !held.raw.includes(Buffer.from(subjectAltName([node, ...names]))))
    return 'other-names'
  const [from, to] = [held.validFromDate.getTime(), held.validToDate.getTime()]
  // a clock before its start is wrong, and no new certificate helps
  return to - seen.now * 1000 < (to - from) / 3 ? 'ends-soon' : undefined
}
