import type { Arch } from '../model/cluster.ts'
import { extensionImage, folder } from './extension.ts'
import type { Piece } from './pieces.ts'

/**
 * k3s as a system extension: the program, and links with which it is also kubectl, crictl and ctr, as in Flatcar's
 * sysext-bakery. k3s is one static program. The image contains no unit: keel's own units for k3s are in /etc, where
 * people can review them. It is not compressed, because k3s is by itself.
 */
export function k3sImage(program: Piece, arch: Arch): readonly Piece[] {
  const bin = {
    k3s: { kind: 'file', mode: 0o755, content: program },
    kubectl: { kind: 'link', target: 'k3s' },
    crictl: { kind: 'link', target: 'k3s' },
    ctr: { kind: 'link', target: 'k3s' },
  } as const
  return extensionImage({ name: 'k3s', arch }, { local: folder({ bin: folder(bin) }) })
}
