import { createHash } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { KeelError } from '../../errors.ts'
import type { Arch } from '../../model/cluster.ts'
import { sha256 } from '../../model/digest.ts'
import { DEFAULT_VERSION } from '../../model/k3s/k3s-version.ts'
import type { Artifact } from '../description.ts'
import type { Work } from '../work.ts'

/** The release that a lab runs: of the minor that a new inventory gets. */
export const labK3sVersion = DEFAULT_VERSION
const releases = 'https://github.com/k3s-io/k3s/releases/download'

/** The time that a first `lab up` loses without a network. Its hosts boot in the meantime. */
const connectMs = 3000
/** Enough for 75 MB over a slow connection. */
const downloadMs = 300_000

/**
 * The release of k3s from the cache, or from the network, checked against the hashes of the release. Undefined if the
 * network does not provide it: no connection within 3 s, or an answer other than 200.
 * @throws KeelError `lab-k3s-hash` if the download does not have the hash in the list
 */
export async function k3sRelease(arch: Arch, work: Work, from: string = releases): Promise<Artifact | undefined> {
  const directory = join(work.cache, `k3s-${labK3sVersion}-${arch}`)
  const path = join(directory, 'k3s')
  if (!existsSync(path)) {
    const file = arch === 'amd64' ? 'k3s' : `k3s-${arch}`
    const base = `${from}/${encodeURIComponent(labK3sVersion)}`
    const list = await get(`${base}/sha256sum-${arch}.txt`, connectMs, work.signal)
    const wanted = list === undefined ? undefined : sumOf(await list.text(), file)
    if (wanted === undefined) return undefined
    work.note(`fetching k3s ${labK3sVersion}`)
    const body = (await get(`${base}/${file}`, downloadMs, work.signal))?.body
    if (body === undefined || body === null) return undefined
    await mkdir(directory, { recursive: true })
    const partial = `${path}.${process.pid}`
    try {
      const hash = createHash('sha256')
      await pipeline(
        body,
        async function* (chunks: AsyncIterable<Uint8Array>) {
          for await (const chunk of chunks) {
            hash.update(chunk)
            yield chunk
          }
        },
        createWriteStream(partial),
      )
      const found = hash.digest('hex')
      if (found !== wanted) {
        throw new KeelError({
          code: 'lab-k3s-hash',
          at: `${base}/${file}`,
          found: `sha256 ${found}`,
          why: `the list of the release has ${wanted}`,
          todo: 'try again; if it fails again, check which server answers at that address',
        })
      }
      await chmod(partial, 0o755)
      await rename(partial, path)
    } finally {
      await rm(partial, { force: true })
    }
  }
  return {
    version: labK3sVersion,
    arch,
    path,
    sha256: sha256(await readFile(path)),
    kind: 'release',
  }
}

async function get(url: string, ms: number, signal: AbortSignal): Promise<Response | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(ms)]) })
    return response.ok ? response : undefined
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

/** The format of sha256sum: `<hex>  <file>`. */
function sumOf(list: string, file: string): string | undefined {
  return list
    .split('\n')
    .map((line) => /^([0-9a-f]{64}) [ *](.+)$/.exec(line))
    .find((match) => match?.[2] === file)?.[1]
}
