import type { Arch } from '../model/cluster.ts'
import { systemdArch } from '../model/systems/systemd-arch.ts'
import type { Piece } from './pieces.ts'
import { type Directory, squashfs } from './squashfs.ts'

/**
 * A system extension image: a folder below /usr, and the release file that systemd-sysext needs. The image fits any
 * system of its architecture. It contains no unit: keel's own units are in /etc, where people can review them. Source:
 * systemd-sysext(8).
 * @param local what is in /usr/local
 */
export function extensionImage(name: string, arch: Arch, local: Directory['entries']): readonly Piece[] {
  const release = ['ID=_any', `ARCHITECTURE=${systemdArch[arch]}`, 'EXTENSION_RELOAD_MANAGER=1', ''].join('\n')
  return squashfs(
    folder({
      usr: folder({
        local: folder(local),
        lib: folder({
          'extension-release.d': folder({
            [`extension-release.${name}`]: { kind: 'file', mode: 0o644, content: Buffer.from(release) },
          }),
        }),
      }),
    }),
  )
}

export function folder(entries: Directory['entries']): Directory {
  return { kind: 'directory', entries }
}
