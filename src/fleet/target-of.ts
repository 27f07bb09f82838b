import { ExitCode, KeelError } from '../errors.ts'
import type { Host } from '../model/cluster.ts'
import type { SshTarget } from '../ssh/transport.ts'

/** @throws KeelError `not-enrolled` (exit 2) for a host whose key the inventory does not know */
export function targetOf({ name, address, hostKey }: Host): SshTarget {
  if (hostKey === undefined) {
    throw new KeelError({
      code: 'not-enrolled',
      at: `hosts/${name}`,
      found: 'no hostKey',
      why: 'keel encrypts its secrets to this key, and recognises the host by it',
      todo: `run \`keel add-node ${name}\` once the machine has booted`,
      exit: ExitCode.Usage,
    })
  }
  return { name, address, hostKey }
}
