import type { Certifier } from '../../deploy/certifier.ts'
import type { ReadSecret } from '../../deploy/tokens/credential-bytes.ts'
import { AGENT_CA_KEY } from '../../model/keel-agent/agent-ca.ts'
import { verifyAgentCa } from '../../secrets/pki/agent-ca.ts'
import { issueCertificate } from '../../secrets/pki/issue-certificate.ts'

const DAY = 24 * 60 * 60 * 1000
const VALID_DAYS = 365

/** Signs with a secret of the inventory, which is decrypted only when the first certificate is needed. */
export function certifierOf(readSecret: ReadSecret): Certifier {
  let key: Promise<string> | undefined
  const caOf = async (certificate: string) => {
    key ??= readSecret(AGENT_CA_KEY).then((bytes) => Buffer.from(bytes).toString())
    return { certificate, key: await key }
  }
  return {
    prove: async (ca) => verifyAgentCa(await caOf(ca)),
    async sign({ ca, publicKey, node, names }) {
      const now = Date.now()
      return issueCertificate(await caOf(ca), {
        ...{ publicKey, names },
        subject: [['CN', `system:node:${node}`]],
        purpose: 'server',
        // a day earlier, for a host with a slow clock
        from: now - DAY,
        to: now + VALID_DAYS * DAY,
      })
    },
  }
}
