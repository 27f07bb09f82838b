import { isUtf8 } from 'node:buffer'
import { readFile, writeFile } from 'node:fs/promises'
import { KeelError } from '../errors.ts'
import { MOST_PARSED_BYTES } from '../files/inventory-file.ts'
import { sha256 } from '../model/digest.ts'
import type { Distribution } from '../model/distribution/distribution.ts'
import { manifestUrls } from '../model/kubeadm/manifest-source.ts'
import { cachedFile } from './artifact-cache.ts'
import { openDownload } from './download.ts'
import type { Env } from './env.ts'
import { inMirror } from './mirror.ts'
import type { Pins } from './pins.ts'

/** How keel downloads. */
interface Getting {
  readonly env: Env
  readonly signal?: AbortSignal
}

/** A server that sends nothing for so long is one that does not answer. */
const PATIENCE_MS = 60_000

/**
 * The lock file with the hashes of these manifests. What is already pinned stays, and needs no network.
 * @param accept throws for a text that is no manifest
 * @throws KeelError `manifest-fetch`, `folder-of-others`, `mirror`; and as `accept`
 */
export async function pinManifests(
  pins: Pins,
  urls: readonly string[],
  { accept, env, signal }: Getting & { readonly accept: (url: string, text: string) => void },
): Promise<Pins> {
  const manifests = { ...pins.manifests }
  for (const url of urls) {
    if (manifests[url] !== undefined) continue
    const bytes = await download(url, { env, ...(signal === undefined ? {} : { signal }) })
    accept(url, textOf(url, bytes))
    const hash = sha256(bytes)
    await cachedFile(env, hash, (into) => writeFile(into, bytes))
    manifests[url] = { sha256: hash }
  }
  return Object.keys(manifests).length === 0 ? pins : { ...pins, manifests }
}

/**
 * The texts of the manifests that a cluster names by URL and that are pinned, from the cache or from their address.
 * @throws KeelError `manifest-fetch`, `artifact-hash`, `folder-of-others`, `mirror`
 */
export async function pinnedManifests(
  distribution: Distribution,
  { manifests = {} }: Pins,
  getting: Getting,
): Promise<ReadonlyMap<string, string>> {
  const texts = manifestUrls(distribution).map(async (url) => {
    const pinned = manifests[url]
    if (pinned === undefined) return []
    const { file, size } = await cachedFile(getting.env, pinned.sha256, async (into) => {
      const bytes = await download(url, getting)
      const actual = sha256(bytes)
      if (actual !== pinned.sha256) throw otherManifest(url, actual, pinned.sha256)
      await writeFile(into, bytes)
    })
    // the lock file may name the hash of something else that the cache has
    if (size > MOST_PARSED_BYTES) throw notFetched(url, tooLong)
    return [[url, textOf(url, await readFile(file))] as const]
  })
  return new Map((await Promise.all(texts)).flat())
}

const tooLong = new Error(`it has more than ${MOST_PARSED_BYTES >> 20} MB`)

async function download(url: string, { env, signal }: Getting): Promise<Buffer> {
  const from = inMirror(url, env)
  const ends = AbortSignal.timeout(PATIENCE_MS)
  try {
    const parts: Uint8Array[] = []
    let size = 0
    for await (const part of await openDownload(from, AbortSignal.any([ends, ...(signal ? [signal] : [])]))) {
      size += part.length
      if (size > MOST_PARSED_BYTES) throw tooLong
      parts.push(part)
    }
    return Buffer.concat(parts)
  } catch (cause) {
    signal?.throwIfAborted()
    throw notFetched(url, cause)
  }
}

function textOf(url: string, bytes: Buffer): string {
  if (isUtf8(bytes) && !bytes.includes(0)) return bytes.toString()
  throw notFetched(url, new Error('it is not a text in UTF-8'))
}

function notFetched(url: string, cause: unknown): KeelError {
  const reason =
    cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : 'failed'
  return new KeelError({
    code: 'manifest-fetch',
    at: url,
    found: reason,
    why: 'hosts/cluster names it in `cni`, and keel sends its text to the servers',
    todo: 'check the address and the network; without a network name a mirror in KEEL_MIRROR, or put the file into the inventory',
    cause,
  })
}

function otherManifest(url: string, actual: string, pinned: string): KeelError {
  return new KeelError({
    code: 'artifact-hash',
    at: url,
    found: `a manifest with SHA-256 ${actual}`,
    why: `keel.lock.json has ${pinned}`,
    todo: 'find out who changed it; if the change is intended, remove its entry from keel.lock.json and run `keel pin`',
  })
}
