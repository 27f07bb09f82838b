import { createHash } from 'node:crypto'
import type { FilesRendered } from '../targets/rendered.ts'

/** Names a generation by what it holds: files, links and artifacts' hashes. No secret, nothing derived from one. */
export function generationDigest({ files, links, artifacts }: FilesRendered): string {
  return createHash('sha256')
    .update(JSON.stringify([files, links, artifacts.map(({ path, sha256 }) => [path, sha256])]))
    .digest('hex')
    .slice(0, 32)
}
