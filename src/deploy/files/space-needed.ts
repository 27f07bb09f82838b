import { fileBytes } from '../../model/file-bytes.ts'
import { stateDirectory } from '../../probes/host/generation.ts'
import type { FilesRendered } from '../../targets/rendered.ts'
import type { Shipment } from './shipment.ts'

/** What is to be written below a folder: bytes as file systems count them, and how many files. */
export interface SpaceNeeded {
  readonly path: string
  readonly bytes: number
  readonly files: number
}

const BLOCK = 4096
/** systemd-creds adds a header and a tag, and base64 takes a third more; a token has 100 bytes. */
const CREDENTIAL = 2 * BLOCK
/** What a generation notes of a path beside the path itself (`notePlaced`): kind, mode, owner, a digest. */
const NOTED = 120

/**
 * Everything that a deploy writes on a host, by folder: the artifacts, the files where they are staged and where they
 * are placed, the credentials likewise.
 */
export function spaceNeeded(rendered: FilesRendered, { credentials, artifacts }: Shipment): readonly SpaceNeeded[] {
  const { files, links } = rendered
  const noted = [...files, ...links, ...rendered.credentials, ...rendered.artifacts].map(({ path }) => path)
  const placed = [
    ...artifacts.map(({ path, size }) => ({ path: folderOf(path), bytes: blocks(size) })),
    ...[...files.map(({ path }) => folderOf(path)), ...files.map(() => stateDirectory)].map((path, index) => ({
      path,
      bytes: blocks(fileBytes(files[index % files.length] ?? { content: '' }).length),
    })),
    ...credentials.flatMap(({ path }) =>
      [folderOf(path), stateDirectory].map((folder) => ({ path: folder, bytes: CREDENTIAL })),
    ),
    { path: stateDirectory, bytes: BLOCK },
    { path: stateDirectory, bytes: blocks(noted.reduce((sum, path) => sum + Buffer.byteLength(path) + NOTED, 0)) },
  ]
  return [...Map.groupBy(placed, ({ path }) => path)].map(([path, written]) => ({
    path,
    bytes: written.reduce((sum, { bytes }) => sum + bytes, 0),
    files: written.length,
  }))
}

function blocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
