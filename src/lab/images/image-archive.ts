import type { Arch } from '../../model/cluster.ts'
import { sha256 } from '../../model/digest.ts'

/** One file or link of a tar archive. Everything else about it is fixed, so equal content gives equal bytes. */
export type TarEntry =
  | { readonly path: string; readonly content: Uint8Array; readonly mode: number }
  | { readonly path: string; readonly target: string }

/** A container image. */
export interface Image {
  readonly tag: string
  /** The lowest first. Images that have the same layer share it, in the archive and on a host. */
  readonly layers: readonly (readonly TarEntry[])[]
  /** Absent: the Pod names the program. */
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  /** `uid:gid`. Absent: root. */
  readonly user?: string
}

const epoch = '1970-01-01T00:00:00Z'

/**
 * One archive of images that `ctr images import` reads: Docker Image Specification v1.2, "Combined Image JSON +
 * Filesystem Changeset Format".
 */
export function imageArchive(images: readonly Image[], architecture: Arch): Uint8Array {
  const entries = new Map<string, TarEntry>()
  const add = (path: string, content: Uint8Array) => entries.set(path, { path, content, mode: 0o644 })
  const digests = new Map<readonly TarEntry[], string>()
  const digestOf = (layer: readonly TarEntry[]) => {
    const known = digests.get(layer)
    if (known !== undefined) return known
    const bytes = tar(layer)
    const digest = sha256(bytes)
    add(`${digest}/layer.tar`, bytes)
    digests.set(layer, digest)
    return digest
  }
  const manifest = images.map(({ tag, layers, entrypoint, command, user }) => {
    const hashes = layers.map(digestOf)
    const config = {
      architecture,
      os: 'linux',
      created: epoch,
      config: {
        ...(entrypoint === undefined ? {} : { Entrypoint: entrypoint }),
        ...(command === undefined ? {} : { Cmd: command }),
        ...(user === undefined ? {} : { User: user }),
      },
      rootfs: { type: 'layers', diff_ids: hashes.map((hash) => `sha256:${hash}`) },
      history: hashes.map(() => ({ created: epoch })),
    }
    const bytes = new TextEncoder().encode(JSON.stringify(config))
    const name = `${sha256(bytes)}.json`
    add(name, bytes)
    return { Config: name, RepoTags: [tag], Layers: hashes.map((hash) => `${hash}/layer.tar`) }
  })
  add('manifest.json', new TextEncoder().encode(JSON.stringify(manifest)))
  return tar([...entries.values()])
}

/**
 * POSIX.1-1988 ustar: a header block of 512 bytes before each file, content padded to whole blocks, and two empty
 * blocks at the end.
 */
export function tar(entries: readonly TarEntry[]): Uint8Array {
  const blocks = entries.flatMap((entry) =>
    'target' in entry
      ? [header(entry.path, 0, 0o777, entry.target)]
      : [
          header(entry.path, entry.content.length, entry.mode),
          entry.content,
          new Uint8Array(-entry.content.length & 511),
        ],
  )
  return Buffer.concat([...blocks, new Uint8Array(1024)])
}

/** @param target of a symbolic link; absent: a regular file */
function header(path: string, size: number, mode: number, target?: string): Uint8Array {
  const block = Buffer.alloc(512)
  if ([path, target ?? ''].some((name) => Buffer.byteLength(name) > 100))
    throw new RangeError('a path in the archive is longer than ustar takes')
  const octal = (value: number, offset: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset)
  block.write(path, 0)
  octal(mode, 100, 8)
  octal(0, 108, 8) // uid
  octal(0, 116, 8) // gid
  octal(size, 124, 12)
  octal(0, 136, 12) // mtime
  block.write('        ', 148) // for its own checksum, the field counts as spaces
  block.write(target === undefined ? '0' : '2', 156) // a regular file or a symbolic link
  block.write(target ?? '', 157)
  block.write('ustar\0', 257)
  block.write('00', 263)
  const checksum = block.reduce((sum, byte) => sum + byte, 0)
  block.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
