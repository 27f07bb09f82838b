import type { Sha256 } from '../model/brands.ts'
import type { Arch } from '../model/cluster.ts'
import { NODE_ARTIFACT, nodeVersion } from '../model/keel-agent/agent-program.ts'
import type { Env } from './env.ts'
import { fetchArchived } from './fetch-archived.ts'
import { ownBinary } from './own-binary.ts'
import { type Pins, withPinned } from './pins.ts'
import { releasedSum } from './released-sum.ts'
import { type Images, withImage } from './with-image.ts'

/** Node's releases: `vX.Y.Z/node-vX.Y.Z-linux-x64.tar.gz`, and beside it the hashes of all files of the release. */
const nodeReleases = 'https://nodejs.org/dist'
const SUMS = 'SHASUMS256.txt'

/** As Node's releases name architectures. */
const released: Readonly<Record<Arch, string>> = { amd64: 'x64', arm64: 'arm64' }

export interface NodePinRequest {
  /** Those of the hosts that get the keel-agent's program. */
  readonly archs: readonly Arch[]
  /** Base URL of a mirror with the same layout. keel also looks up there what is already pinned. */
  readonly releases?: string
  /** Programs of the user instead of a download, by architecture. */
  readonly files: Readonly<Partial<Record<Arch, string>>>
  readonly images: Images
  readonly env: Env
  readonly signal?: AbortSignal
}

/**
 * The lock file with Node pinned for the keel-agent. What is already pinned stays, and needs no network. A release is
 * an archive, so keel downloads it to know the hash of the program in it.
 * @throws KeelError `pin-fetch` if the list of the release can't be downloaded or does not name the archive; and as
 * `fetchArchived`
 */
export async function pinNode(pins: Pins, request: NodePinRequest): Promise<Pins> {
  const { archs, releases, files, images, env, signal } = request
  if (archs.length === 0) return pins
  const entries = await Promise.all(
    archs.map(async (arch) => {
      const file = files[arch]
      const before = pins.artifacts[NODE_ARTIFACT]?.[nodeVersion]?.[arch]
      const known = releases === undefined ? before : undefined
      const program =
        file === undefined
          ? (known ?? (await releasedProgram(releases ?? nodeReleases, arch, env, signal)))
          : await ownBinary(file)
      const artifact = { name: NODE_ARTIFACT, version: nodeVersion, arch, ...program }
      return [arch, await withImage(artifact, before, images, signal)] as const
    }),
  )
  return withPinned(pins, { name: NODE_ARTIFACT, version: nodeVersion }, Object.fromEntries(entries))
}

async function releasedProgram(
  releases: string,
  arch: Arch,
  env: Env,
  signal: AbortSignal | undefined,
): Promise<{ url: string; sha256: Sha256; archive: Sha256 }> {
  const folder = `${releases}/${nodeVersion}`
  const name = `node-${nodeVersion}-linux-${released[arch]}.tar.gz`
  const archive = await releasedSum(`${folder}/${SUMS}`, name, signal, env)
  const url = `${folder}/${name}`
  const sha256 = await fetchArchived({ name: NODE_ARTIFACT, version: nodeVersion, arch, url, archive }, env, signal)
  return { url, sha256, archive }
}
