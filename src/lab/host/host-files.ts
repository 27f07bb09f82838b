import { conflist } from '../network/conflist.ts'
import type { RootFile } from '../root/root-spec.ts'

export interface HostIdentity {
  readonly name: string
  readonly nodeIP: string
  readonly podCIDR: string
}

/** Files of this one host, on any system. */
export function hostFiles(
  host: HostIdentity,
  all: readonly { readonly name: string; readonly nodeIP: string }[],
  gateway: string,
): readonly RootFile[] {
  const names = all.map(({ name, nodeIP }) => `${nodeIP} ${name}\n`).join('')
  return [
    { path: 'etc/hostname', content: `${host.name}\n`, mode: 0o644 },
    { path: 'etc/hosts', content: `127.0.0.1 localhost\n::1 localhost\n${names}`, mode: 0o644 },
    // not a loopback address, because a Pod would copy it from its host; nothing answers at this one
    { path: 'etc/resolv.conf', content: `nameserver ${gateway}\n`, mode: 0o644 },
    {
      path: 'etc/cni/net.d/10-lab.conflist',
      content: `${JSON.stringify(conflist(host.podCIDR), null, 2)}\n`,
      mode: 0o644,
    },
  ]
}

/**
 * Files that let a user log in on a Debian host.
 * @param hostKey created before the first boot, so the inventory can contain the host before it boots. The private half
 * has the format of OpenSSH
 */
export function loginFiles(
  hostKey: { readonly private: string; readonly public: string },
  authorizedKey: string,
): readonly RootFile[] {
  return [
    { path: 'etc/ssh/ssh_host_ed25519_key', content: hostKey.private, mode: 0o600 },
    { path: 'etc/ssh/ssh_host_ed25519_key.pub', content: `${hostKey.public}\n`, mode: 0o644 },
    { path: 'root/.ssh/authorized_keys', content: `${authorizedKey}\n`, mode: 0o600 },
  ]
}
