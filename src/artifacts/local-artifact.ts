import type { Artifact } from '../desired/host-state.ts'
import { KeelError } from '../errors.ts'
import type { Sha256 } from '../model/brands.ts'
import { imageOf } from '../sysext/image-of.ts'
import { type Piece, sizeOf } from '../sysext/pieces.ts'
import { agentBundleBytes, CARRIED } from './agent-bundle.ts'
import { cachedFile, fetchArtifact } from './artifact-cache.ts'
import { sha256OfPieces } from './bytes-of.ts'
import type { Env } from './env.ts'
import { makeKubernetesImage } from './kubernetes-image.ts'
import type { PinKey } from './pins.ts'
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
  if (from.of !== undefined) return imageOfSeveral(from, from.of, env, signal)
  const program = from.url === CARRIED ? agentBundleBytes() : await fetchArtifact(from, env, signal)
  if (form === 'program') return { pieces: [program], size: sizeOf([program]) }
  const pieces = imageOf(from, program)
  const actual = await sha256OfPieces(pieces)
  if (actual === sha256) return { pieces, size: sizeOf(pieces) }
  throw otherImage(from, actual, sha256)
}

/** The image is compressed, which takes seconds, so keel makes it once and keeps it in the cache. */
async function imageOfSeveral(
  image: Artifact,
  of: readonly Artifact[],
  env: Env,
  signal: AbortSignal | undefined,
): Promise<LocalArtifact> {
  const { name, arch, sha256 } = image
  if (name !== 'kubernetes') throw new Error(`keel makes no system extension of ${name}`)
  const accept = (actual: Sha256) => {
    if (actual !== sha256) throw otherImage(image, actual, sha256)
  }
  const { file, size } = await cachedFile(env, sha256, (into) =>
    makeKubernetesImage(of, { arch, into, accept, env, signal }),
  )
  return { pieces: [{ file, size }], size }
}

/** keel made another image than the one in the lock file. */
export function otherImage({ name, version, arch }: PinKey, actual: Sha256, pinned: Sha256): KeelError {
  return new KeelError({
    code: 'image-hash',
    at: 'keel.lock.json',
    found: `the system extension of ${name} ${version} for ${arch} has SHA-256 ${actual}`,
    why: `the lock file has ${pinned}, from a keel that builds another image`,
    todo: `run \`${name === 'kubernetes' ? `keel sysext build kubernetes ${version}` : 'keel pin'}\` and check the change in git`,
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
