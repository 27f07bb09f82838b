import type { K3sVersion, Sha256 } from '../model/brands.ts'
import type { Arch } from '../model/cluster.ts'
import type { Env } from './env.ts'
import { ownBinary } from './own-binary.ts'
import { type Pins, withPinned } from './pins.ts'
import { releasedSum } from './released-sum.ts'
import { type Images, withImage } from './with-image.ts'

/**
 * The releases of k3s: the binaries `k3s` (amd64) and `k3s-arm64`, and beside them their hashes in
 * `sha256sum-<arch>.txt`.
 */
const k3sReleases = 'https://github.com/k3s-io/k3s/releases/download'

export interface PinRequest {
  readonly version: K3sVersion
  readonly archs: readonly Arch[]
  /**
   * Base URL instead of k3s's own releases: a mirror with the same layout. keel also looks up there what is already
   * pinned.
   */
  readonly releases?: string
  /** Files of the user instead of a download, by architecture. */
  readonly files: Readonly<Partial<Record<Arch, string>>>
  readonly images?: Images
  readonly env?: Env
  readonly signal?: AbortSignal
}

/**
 * The lock file with one version of k3s pinned for the architectures. Other entries stay. What is already pinned stays
 * too, and needs no network.
 * @throws KeelError `pin-fetch` if the hashes of the release can't be downloaded or do not name the binary
 */
export async function pinK3s(pins: Pins, request: PinRequest): Promise<Pins> {
  const { version, archs, releases, files, images, env, signal } = request
  const entries = await Promise.all(
    archs.map(async (arch) => {
      const file = files[arch]
      const before = pins.artifacts.k3s?.[version]?.[arch]
      const known = releases === undefined ? before : undefined
      const program =
        file === undefined
          ? (known ?? (await releasedBinary(releases ?? k3sReleases, version, arch, signal, env)))
          : await ownBinary(file)
      return [arch, await withImage({ name: 'k3s', version, arch, ...program }, before, images, signal)] as const
    }),
  )
  return withPinned(pins, { name: 'k3s', version }, Object.fromEntries(entries))
}

async function releasedBinary(
  releases: string,
  version: string,
  arch: Arch,
  signal: AbortSignal | undefined,
  env: Env | undefined,
): Promise<{ url: string; sha256: Sha256 }> {
  const folder = `${releases}/${encodeURIComponent(version)}`
  const name = arch === 'amd64' ? 'k3s' : `k3s-${arch}`
  return { url: `${folder}/${name}`, sha256: await releasedSum(`${folder}/sha256sum-${arch}.txt`, name, signal, env) }
}
