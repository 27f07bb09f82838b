import type { Arch } from '../../model/cluster.ts'
import { sha256 } from '../../model/digest.ts'

/** One file of a tar archive. Everything else about it is fixed, so equal content gives equal bytes. */
export interface TarEntry {
  readonly path: string
  readonly content: Uint8Array
  readonly mode: number
}

/** A container image of one layer. */
export interface Image {
  readonly tag: string
  readonly files: readonly TarEntry[]
  readonly entrypoint: readonly string[]
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
  const manifest = images.map(({ tag, files, entrypoint, command, user }) => {
    const layer = tar(files)
    const digest = sha256(layer)
    const config = {
      architecture,
      os: 'linux',
      created: epoch,
      config: {
        Entrypoint: entrypoint,
        ...(command === undefined ? {} : { Cmd: command }),
        ...(user === undefined ? {} : { User: user }),
      },
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
      history: [{ created: epoch }],
    }
    const bytes = new TextEncoder().encode(JSON.stringify(config))
    const name = `${sha256(bytes)}.json`
    add(`${digest}/layer.tar`, layer)
    add(name, bytes)
    return { Config: name, RepoTags: [tag], Layers: [`${digest}/layer.tar`] }
  })
  add('manifest.json', new TextEncoder().encode(JSON.stringify(manifest)))
  return tar([...entries.values()])
}

/**
 * POSIX.1-1988 ustar: a header block of 512 bytes before each file, content padded to whole blocks, and two empty
 * blocks at the end.
 */
export function tar(entries: readonly TarEntry[]): Uint8Array {
  const blocks = entries.flatMap(({ path, content, mode }) => [
    header(path, content.length, mode),
    content,
    new Uint8Array(-content.length & 511),
  ])
  return Buffer.concat([...blocks, new Uint8Array(1024)])
}

function header(path: string, size: number, mode: number): Uint8Array {
  const block = Buffer.alloc(512)
  if (Buffer.byteLength(path) > 100) throw new RangeError('a path in the archive is longer than ustar takes')
  const octal = (value: number, offset: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset)
  block.write(path, 0)
  octal(mode, 100, 8)
  octal(0, 108, 8) // uid
  octal(0, 116, 8) // gid
  octal(size, 124, 12)
  octal(0, 136, 12) // mtime
  block.write('        ', 148) // for its own checksum, the field counts as spaces
  block.write('0', 156) // a regular file
  block.write('ustar\0', 257)
  block.write('00', 263)
  const checksum = block.reduce((sum, byte) => sum + byte, 0)
  block.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
