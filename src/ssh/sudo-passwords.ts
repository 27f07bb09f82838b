import { type HiddenInput, readHidden } from '../terminal/hidden-input.ts'
import type { SshTarget } from './transport.ts'

/** Asks for the login user's sudo password, once for all hosts where that user has the same name. Give it to `connect` as `password`. */
export function sudoPasswords(input: HiddenInput): (target: SshTarget) => Promise<string | undefined> {
  const known = new Map<string, Promise<string | undefined>>()
  return ({ address: { user } }) => {
    const answer = known.get(user) ?? readHidden(input, 'KEEL_SUDO_PASSWORD_FILE', `sudo password of ${user} on the hosts: `)
    known.set(user, answer)
    return answer
  }
}
