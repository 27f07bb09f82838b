import type { Artifact } from '../desired/host-state.ts'
import type { Arch } from '../model/cluster.ts'
import type { Env } from './env.ts'
import { sysextHash } from './local-artifact.ts'
import type { Pinned } from './pins.ts'

/** The architectures for which a program is also pinned as a system extension image. */
export interface Images {
  readonly archs: readonly Arch[]
  readonly env: Env
}

/** An image that was pinned for the same program stays pinned, even while no host needs it. */
export async function withImage(
  program: Artifact,
  before: Pinned | undefined,
  images: Images | undefined,
  signal: AbortSignal | undefined,
): Promise<Pinned> {
  const { url, sha256, archive, arch } = program
  const pinned = { url, sha256, ...(archive === undefined ? {} : { archive }) }
  if (before?.sysext !== undefined && before.sha256 === sha256 && before.url === url) return before
  if (images?.archs.includes(arch)) return { ...pinned, sysext: await sysextHash(program, images.env, signal) }
  return before?.sysext === undefined || before.sha256 !== sha256 ? pinned : { ...pinned, sysext: before.sysext }
}
