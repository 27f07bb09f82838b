import type { Arch } from '../model/cluster.ts'
import { systemdArch } from '../model/systems/systemd-arch.ts'
import type { Piece } from './pieces.ts'
import { type Directory, type Form, squashfs } from './squashfs.ts'

/**
 * A system extension image: /usr, and the release file that systemd-sysext needs. The image fits any system of its
 * architecture. Source: systemd-sysext(8).
 * @param usr what is in /usr besides `lib` @param lib what is in /usr/lib
 */
export function extensionImage(
  { name, arch, form }: { readonly name: string; readonly arch: Arch; readonly form?: Form },
  usr: Directory['entries'],
  lib: Directory['entries'] = {},
): readonly Piece[] {
  const release = ['ID=_any', `ARCHITECTURE=${systemdArch[arch]}`, 'EXTENSION_RELOAD_MANAGER=1', ''].join('\n')
  const releases = folder({ [`extension-release.${name}`]: textFile(release) })
  return squashfs(folder({ usr: folder({ ...usr, lib: folder({ ...lib, 'extension-release.d': releases }) }) }), form)
}

export function folder(entries: Directory['entries']): Directory {
  return { kind: 'directory', entries }
}

export function textFile(text: string, mode = 0o644) {
  return { kind: 'file', mode, content: Buffer.from(text) } as const
}
