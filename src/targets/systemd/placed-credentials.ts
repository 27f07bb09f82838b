import type { HostState } from '../../desired/host-state.ts'
import type { PlacedCredential } from '../rendered.ts'

/** Where systemd looks for encrypted credentials (systemd.exec(5), LoadCredentialEncrypted=). */
export const credentialStore = '/etc/credstore.encrypted'

export function placedCredentials({ distribution: { credentials } }: HostState): readonly PlacedCredential[] {
  return credentials.map((credential) => ({ ...credential, path: `${credentialStore}/${credential.id}` }))
}
