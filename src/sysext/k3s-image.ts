import type { Arch } from '../model/cluster.ts'
import { systemdArch } from '../model/systems/systemd-arch.ts'
import type { LocalFile, Piece } from './pieces.ts'
import { squashfs } from './squashfs.ts'

/**
 * k3s as a system extension: the program, the names under which it is also kubectl, crictl and ctr, and what
 * systemd-sysext asks for.
 *
 * It fits any system of its architecture, as k3s is one static program. It brings no unit: keel's own is in /etc, where
 * it can be reviewed. Source: systemd-sysext(8); the links are those of Flatcar's sysext-bakery.
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
