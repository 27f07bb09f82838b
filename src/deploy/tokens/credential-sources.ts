import { secretsIn } from '../../desired/secrets-in.ts'
import type { SecretName, Sha256 } from '../../model/brands.ts'
import { credentialSource } from '../../plan/host/credential-source.ts'
import type { FilesRendered } from '../../targets/rendered.ts'

/** What a plan needs from secrets: the digest of the encrypted bytes, never their contents. */
export interface SecretSources {
  sourceDigest(name: SecretName): Promise<Sha256>
  caCertificate(): Promise<{ readonly pem: string; readonly hash: Sha256 } | undefined>
  agentCaCertificate(): Promise<string | undefined>
  /** Of kubeadm's CAs in PEM, by file. */
  kubeadmCertificates(): Promise<ReadonlyMap<string, string>>
}

/** What each credential of a host would be made from now. @throws KeelError for a secret that has no value yet */
export async function credentialSources(
  { credentials }: FilesRendered,
  secrets: Pick<SecretSources, 'sourceDigest'>,
): Promise<Readonly<Record<string, string>>> {
  const sources = credentials.map(async ({ id, content }) => {
    const digests = new Map(
      await Promise.all(secretsIn(content).map(async (name) => [name, await secrets.sourceDigest(name)] as const)),
    )
    return [id, credentialSource(content, digests)] as const
  })
  return Object.fromEntries(await Promise.all(sources))
}
