import { type HiddenInput, readHidden } from '../../terminal/hidden-input.ts'
import type { SshTarget } from '../transport.ts'

/**
 * Asks for the login user's sudo password, once for all hosts where that user has the same name, and names these hosts:
 * each host whose sudo asks gets the password, and a compromised host can keep it (docs/security.md). Give it to
 * `connect` as `password`.
 */
export function sudoPasswords(
  input: HiddenInput,
  hosts: readonly Pick<SshTarget, 'name' | 'address'>[],
): (target: SshTarget) => Promise<string | undefined> {
  const known = new Map<string, Promise<string | undefined>>()
  return ({ name, address: { user } }) => {
    const others = hosts.filter((host) => host.address.user === user && host.name !== name).map((host) => host.name)
    const given = others.length === 0 ? '' : ` (given also to ${others.join(', ')} where sudo asks for it)`
    const answer =
      known.get(user) ?? readHidden(input, 'KEEL_SUDO_PASSWORD_FILE', `sudo password of ${user} on ${name}${given}: `)
    known.set(user, answer)
    return answer
  }
}
