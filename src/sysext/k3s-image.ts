import type { Arch } from '../model/cluster.ts'
import { systemdArch } from '../model/systems/systemd-arch.ts'
import type { LocalFile, Piece } from './pieces.ts'
import { squashfs } from './squashfs.ts'

/**
 * k3s as a system extension: the program, links with which it is also kubectl, crictl and ctr, and the release file
 * that systemd-sysext needs.
 *
 * The image fits any system of its architecture, because k3s is one static program. It contains no unit: keel's own
 * unit is in /etc, where people can review it. Source: systemd-sysext(8). The links are those of Flatcar's
 * sysext-bakery.
 */
export function k3sImage(program: LocalFile | Uint8Array, arch: Arch): readonly Piece[] {
  const release = ['ID=_any', `ARCHITECTURE=${systemdArch[arch]}`, 'EXTENSION_RELOAD_MANAGER=1', ''].join('\n')
  const bin = {
    k3s: { kind: 'file', mode: 0o755, content: program },
    kubectl: { kind: 'link', target: 'k3s' },
    crictl: { kind: 'link', target: 'k3s' },
    ctr: { kind: 'link', target: 'k3s' },
  } as const
  return squashfs(
    folder({
      usr: folder({
        local: folder({ bin: folder(bin) }),
        lib: folder({
          'extension-release.d': folder({
            'extension-release.k3s': { kind: 'file', mode: 0o644, content: Buffer.from(release) },
          }),
        }),
      }),
    }),
  )
}

function folder<Entries>(entries: Entries) {
  return { kind: 'directory', entries } as const
}
