import { pathToFileURL } from 'node:url'
import type { Artifact } from '../desired/host-state.ts'
import { KeelError } from '../errors.ts'
import type { K3sVersion, Sha256 } from '../model/brands.ts'
import type { Arch } from '../model/cluster.ts'
import { type Env, sha256OfFile } from './artifact-cache.ts'
import { openDownload } from './download.ts'
import { sysextHash } from './local-artifact.ts'
import type { Pinned, Pins } from './pins.ts'

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
  /** The architectures for which the program is also pinned as a system extension image. */
  readonly images?: { readonly archs: readonly Arch[]; readonly env: Env }
  readonly signal?: AbortSignal
}

/**
 * The lock file with one version of k3s pinned for the architectures. Other entries stay. What is already pinned stays
 * too, and needs no network.
 * @throws KeelError `pin-fetch` if the hashes of the release can't be downloaded or do not name the binary
 */
export async function pinK3s(pins: Pins, request: PinRequest): Promise<Pins> {
  const { version, archs, releases, files, signal } = request
  const versions = pins.artifacts.k3s ?? {}
  const entries = await Promise.all(
    archs.map(async (arch) => {
      const file = files[arch]
      const before = versions[version]?.[arch]
      const known = releases === undefined ? before : undefined
      const program =
        file === undefined
          ? (known ?? (await releasedBinary(releases ?? k3sReleases, version, arch, signal)))
          : await ownBinary(file)
      return [arch, await withImage({ name: 'k3s', version, arch, ...program }, before, request)] as const
    }),
  )
  return {
    ...pins,
    artifacts: {
      ...pins.artifacts,
      k3s: { ...versions, [version]: { ...versions[version], ...Object.fromEntries(entries) } },
    },
  }
}

/** An image that was pinned for the same program stays pinned, even while no host needs it. */
async function withImage(
  program: Artifact,
  before: Pinned | undefined,
  { images, signal }: PinRequest,
): Promise<Pinned> {
  const { url, sha256, arch } = program
  if (before?.sysext !== undefined && before.sha256 === sha256 && before.url === url) return before
  if (images?.archs.includes(arch)) return { url, sha256, sysext: await sysextHash(program, images.env, signal) }
  return before?.sysext === undefined || before.sha256 !== sha256
    ? { url, sha256 }
    : { url, sha256, sysext: before.sysext }
}

/** The SHA-256 of a file of the user. @throws KeelError `pin-file` if it can't be read */
export async function ownBinary(file: string): Promise<{ url: string; sha256: Sha256 }> {
  const sha256 = await sha256OfFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new KeelError({
      code: 'pin-file',
      at: file,
      ...(cause.code === 'ENOENT'
        ? { found: 'no such file', todo: 'correct the path: `--file ARCH=PATH`' }
        : { found: `this file can't be read: ${cause.code ?? cause.message}` }),
      cause,
    })
  })
  return { url: pathToFileURL(file).href, sha256 }
}

async function releasedBinary(
  releases: string,
  version: string,
  arch: Arch,
  signal: AbortSignal | undefined,
): Promise<{ url: string; sha256: Sha256 }> {
  const folder = `${releases}/${encodeURIComponent(version)}`
  const name = arch === 'amd64' ? 'k3s' : `k3s-${arch}`
  const sums = `${folder}/sha256sum-${arch}.txt`
  const text = await fetchText(sums, signal)
  const line = text.split('\n').find((row) => row.split(/\s+/)[1] === name)
  const sha256 = line?.split(/\s+/)[0]
  if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new KeelError({
      code: 'pin-fetch',
      at: sums,
      found: `no SHA-256 of ${name}`,
      why: 'the release has no such binary, or the list is from another release',
    })
  }
  return { url: `${folder}/${name}`, sha256: sha256 as Sha256 }
}

/** A list of hashes has a few hundred bytes. */
const MOST_TEXT = 1 << 20

async function fetchText(url: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    const body = await openDownload(url, AbortSignal.any([AbortSignal.timeout(30_000), ...(signal ? [signal] : [])]))
    let text = ''
    for await (const part of body.pipeThrough(new TextDecoderStream())) {
      text += part
      if (text.length > MOST_TEXT) throw new Error('more than a megabyte, where a list of hashes belongs')
    }
    return text
  } catch (cause) {
    signal?.throwIfAborted()
    const reason =
      cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause)
    throw new KeelError({
      code: 'pin-fetch',
      at: url,
      found: reason,
      todo: 'check the version and the network; without a network, pin your own binary with `keel pin --file amd64=PATH`',
      cause,
    })
  }
}
