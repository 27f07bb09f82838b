import { sha256 } from '../../model/digest.ts'
import type { FilesRendered } from '../../targets/rendered.ts'

/** Names a generation by what it holds: files, links and artifacts' hashes. No secret, nothing derived from one. */
export function generationDigest({ files, links, artifacts }: FilesRendered): string {
  const artifactDigests = artifacts.map((artifact) => [artifact.path, artifact.sha256])
  return sha256(JSON.stringify([files, links, artifactDigests])).slice(0, 32)
}
