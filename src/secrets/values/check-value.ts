import { ExitCode, KeelError } from '../../errors.ts'
import type { SecretName } from '../../model/brands.ts'
import type { Cluster } from '../../model/cluster.ts'
import { parseToken, type TokenUser } from '../../model/k3s/token.ts'
import { AGENT_CA_KEY } from '../../model/keel-agent/agent-ca.ts'
import { kubeadmCas, serviceAccountKey } from '../../model/kubeadm/pki.ts'
import { verifyAgentCa } from '../pki/agent-ca.ts'
import { checkServiceAccountKey, verifyKubeadmCa } from '../pki/kubeadm-ca.ts'
import { verifyCa } from '../pki/server-ca.ts'
import type { CaCertificate } from '../store.ts'

/** The certificates of the CAs whose keys are secrets. */
export interface Cas {
  readonly ca: CaCertificate | undefined
  /** PEM. */
  readonly agentCa?: string | undefined
  /** PEM by file: the CAs of a kubeadm cluster. */
  readonly kubeadm?: ReadonlyMap<string, string>
}

export interface CheckedValue {
  readonly value: Uint8Array
  readonly warnings: readonly string[]
}

/**
 * Checks the value that a person gives for a secret. keel keeps every byte, like `age`. It knows the form of k3s's own
 * secrets, and removes newlines at the end of a token, because they are not part of it.
 * @throws KeelError `token`, `server-ca`, `agent-ca`, `kubeadm-ca` or `service-account-key` (exit 2) for a value that the cluster would
 * refuse or misunderstand; it names the secret
 */
export function checkValue(cluster: Cluster, cas: Cas, name: SecretName, value: Uint8Array): CheckedValue {
  try {
    return checkForm(cluster, cas, name, value)
  } catch (error) {
    throw error instanceof KeelError ? new KeelError({ ...error, at: error.at ?? name }) : error
  }
}

function checkForm(cluster: Cluster, { ca, agentCa, kubeadm }: Cas, name: SecretName, value: Uint8Array): CheckedValue {
  const { distribution } = cluster
  const key = () => Buffer.from(value).toString()
  if (name === AGENT_CA_KEY) verifyAgentCa({ certificate: agentCa ?? '', key: key() })
  if (distribution.kind === 'kubeadm') {
    const kubeadmCa = kubeadmCas.find((one) => one.key === name)
    if (kubeadmCa !== undefined) {
      const certificate = kubeadm?.get(kubeadmCa.certificateFile) ?? ''
      verifyKubeadmCa(kubeadmCa, { certificate, key: key() }, Date.now())
    }
    if (name === serviceAccountKey) checkServiceAccountKey(key())
    return { value, warnings: [] }
  }
  const { serverToken, agentToken, ca: caKey } = distribution.secrets
  if (name === serverToken) return checkToken(ca, name, 'server', value)
  if (name === agentToken) return checkToken(ca, name, 'node', value)
  if (name === caKey) verifyCa({ certificate: ca?.pem ?? '', key: key() })
  return { value, warnings: [] }
}

function checkToken(ca: CaCertificate | undefined, name: SecretName, user: TokenUser, value: Uint8Array): CheckedValue {
  const text = Buffer.from(value)
    .toString()
    .replace(/[\r\n]+$/, '')
  const token = parseToken(text)
  const trimmed = Buffer.from(text)
  if (token.user !== undefined && token.user !== user) {
    // docs/k3s.md, Tokens: k3s reduces only its own form to the password
    throw refused(
      `a token of the form K10…::${token.user}:…`,
      `k3s wants K10…::${user}:… here, and uses any other text as the password`,
    )
  }
  if (token.kind === 'unpinned') {
    const warning =
      token.oddity ??
      'this token does not name the CA: a node that joins with it cannot tell a fake server from the real one'
    return {
      value: trimmed,
      warnings: [`${warning}. A running server has the pinned form: keel secret import ${name} --from-host HOST`],
    }
  }
  if (ca !== undefined && token.caHash !== ca.hash) {
    throw refused('a token that is pinned to another CA than secrets/server-ca.crt', 'no node can join with it')
  }
  return { value: trimmed, warnings: [] }
}

function refused(found: string, why: string): KeelError {
  return new KeelError({
    code: 'token',
    found,
    why,
    todo: 'give the right value for this secret',
    exit: ExitCode.Usage,
  })
}
