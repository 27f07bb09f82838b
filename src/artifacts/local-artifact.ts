import { createHash } from 'node:crypto'
import type { Artifact } from '../desired/host-state.ts'
import { KeelError } from '../errors.ts'
import type { Sha256 } from '../model/brands.ts'
import { imageOf } from '../sysext/image-of.ts'
import { type Piece, sizeOf } from '../sysext/pieces.ts'
import { agentBundleBytes, CARRIED } from './agent-bundle.ts'
import { type Env, fetchArtifact } from './artifact-cache.ts'
import { fileBytes } from './file-bytes.ts'
import { refuseOtherArch } from './program-arch.ts'

/** What a host gets, in its form on this machine, checked against the lock file. */
export interface LocalArtifact {
  readonly pieces: readonly Piece[]
  /** The number of bytes. */
  readonly size: number
}

/**
 * The program itself, downloaded and checked, or the system extension image that keel makes of it. The image has the
 * same bytes as when it was pinned.
 * @throws KeelError as `fetchArtifact`; `image-hash` if keel makes another image than the one in the lock file;
 * `agent-bundle`
 */
export async function localArtifact(
  { from, form, sha256 }: { readonly from: Artifact; readonly form: 'program' | 'sysext'; readonly sha256: Sha256 },
  env: Env,
  signal?: AbortSignal,
): Promise<LocalArtifact> {
  const program = from.url === CARRIED ? agentBundleBytes() : await fetchArtifact(from, env, signal)
  if (form === 'program') return { pieces: [program], size: sizeOf([program]) }
  const pieces = imageOf(from, program)
  const actual = await sha256OfPieces(pieces)
  if (actual === sha256) return { pieces, size: sizeOf(pieces) }
  throw new KeelError({
    code: 'image-hash',
    at: 'keel.lock.json',
    found: `the system extension of ${from.name} ${from.version} for ${from.arch} has SHA-256 ${actual}`,
    why: `the lock file has ${sha256}, from a keel that builds another image`,
    todo: 'run `keel pin` and check the change in git',
  })
}

/**
 * The SHA-256 of the system extension image that keel makes of a program.
 * @throws KeelError as `fetchArtifact`, or `artifact-arch`
 */
export async function sysextHash(program: Artifact, env: Env, signal?: AbortSignal): Promise<Sha256> {
  const local = await fetchArtifact(program, env, signal)
  await refuseOtherArch(local.file, program)
  return sha256OfPieces(imageOf(program, local))
}

/** The bytes in order. A block is valid until the next one is read. */
export async function* bytesOf(pieces: readonly Piece[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) yield piece
    else yield* fileBytes(piece.file)
  }
}

async function sha256OfPieces(pieces: readonly Piece[]): Promise<Sha256> {
  const hash = createHash('sha256')
  for await (const block of bytesOf(pieces)) hash.update(block)
  return hash.digest('hex') as Sha256
}
