import { hasOperation, operationsOf } from '../../../plan/operation.ts'
import type { Deployment } from '../../deployment.ts'
import { stepsDue } from '../../files/once-steps.ts'
import { credentialBytes } from '../../tokens/credential-bytes.ts'

/**
 * What can't be decrypted is found out before the first host is touched. A built system has its secrets from agenix.
 * @throws KeelError as `readSecret`
 */
export async function readSecrets({ hosts, readSecret, certifier }: Deployment): Promise<void> {
  for (const host of hosts) {
    const first = host.rendered.parts.keelAgent?.first
    if (first !== undefined && hasOperation(host.plan.operations, 'certify')) await certifier.prove(first.ca)
    if (host.kind !== 'files') continue
    const { plan, rendered } = host
    const stored = new Set(operationsOf(plan.operations, 'store-credential').map(({ id }) => id))
    for (const { id, content } of rendered.credentials) if (stored.has(id)) await credentialBytes(content, readSecret)
    for (const step of stepsDue(host)) await readSecret(step.key)
  }
}
