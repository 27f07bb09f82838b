import { ExitCode, KeelError } from '../../errors.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import { isAgeRecipient } from '../../model/keys/recipient.ts'

/** Who may log in to a machine after its first boot. */
export interface Login {
  readonly user: string
  readonly sshKeys: readonly string[]
}

/**
 * The user that keel logs in as, with the SSH keys of all admins. An admin with an age key can decrypt, not log in.
 * @throws KeelError `no-login` (exit 2) where no admin has an SSH key
 */
export function loginOf({ admins }: Cluster, { name, address }: Host): Login {
  const keys = admins.filter(({ key }) => !isAgeRecipient(key)).map((admin) => `${admin.key} ${admin.name}`)
  if (keys.length > 0) return { user: address.user, sshKeys: keys }
  throw new KeelError({
    code: 'no-login',
    at: `hosts/${name}`,
    found: 'no admin has an SSH key, only age keys',
    why: 'people and keel can log in to a Flatcar machine only with an SSH key',
    todo: 'add an admin with an SSH key to secrets.ts',
    exit: ExitCode.Usage,
  })
}
