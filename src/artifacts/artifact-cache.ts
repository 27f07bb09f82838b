import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import type { Artifact } from '../desired/host-state.ts'
import { KeelError } from '../errors.ts'
import type { Sha256 } from '../model/brands.ts'
import type { LocalFile } from '../sysext/pieces.ts'
import { cacheDirectory, cacheVariable } from './cache-directory.ts'
import { checkOwnFolder, makeOwnFolder } from './own-folder.ts'
import { markUsed, pruneArtifacts } from './prune-artifacts.ts'

export type Env = Readonly<Record<string, string | undefined>>

/**
 * Brings an artifact onto this machine once, and checks it: `https:` into the cache by its hash, `file:` where it lies.
 * @throws KeelError `folder-of-others` for a cache that others can change, `artifact-fetch` when it can't be had, `artifact-hash` when it is not what the lock file says
 */
export async function fetchArtifact(artifact: Artifact, env: Env, signal?: AbortSignal): Promise<LocalFile> {
  if (artifact.url.startsWith('file:')) {
    const file = fileURLToPath(artifact.url)
    const actual = await sha256OfFile(file).catch((cause: unknown) => {
      throw cannotFetch(artifact, cause)
    })
    if (actual !== artifact.sha256) throw wrongHash(artifact, actual)
    return { file, size: (await stat(file)).size }
  }
  const folder = join(cacheDirectory(env), 'artifacts')
  const own = { path: folder, variable: cacheVariable }
  checkOwnFolder(own)
  const file = join(folder, artifact.sha256)
  const size = await cachedSize(file, artifact.sha256)
  if (size !== undefined) return { file, size }
  makeOwnFolder(own)
  const local = await download(artifact, file, signal)
  pruneArtifacts(folder)
  return local
}

/** Bytes of a file that is there, readable and whole. It is marked first and looked at last: what another keel forgets meanwhile is fetched again. */
async function cachedSize(file: string, sha256: Sha256): Promise<number | undefined> {
  await markUsed(file)
  const size = async () => ((await sha256OfFile(file)) === sha256 ? (await stat(file)).size : undefined)
  return size().catch(() => undefined)
}

async function download(artifact: Artifact, file: string, signal: AbortSignal | undefined): Promise<LocalFile> {
  const partial = `${file}.${process.pid}.partial`
  const hash = createHash('sha256')
  let size = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      size += chunk.length
      done(null, chunk)
    },
  })
  try {
    const response = await fetch(artifact.url, signal === undefined ? {} : { signal })
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`)
    await pipeline(Readable.fromWeb(response.body), count, createWriteStream(partial))
    const actual = hash.digest('hex') as Sha256
    if (actual !== artifact.sha256) throw wrongHash(artifact, actual)
    await rename(partial, file)
    return { file, size }
  } catch (error) {
    throw error instanceof KeelError ? error : cannotFetch(artifact, error)
  } finally {
    await rm(partial, { force: true })
  }
}

/** SHA-256 of a file's bytes. */
export async function sha256OfFile(file: string): Promise<Sha256> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex') as Sha256
}

function cannotFetch({ name, version, url }: Artifact, cause: unknown): KeelError {
  return new KeelError({
    code: 'artifact-fetch',
    at: url,
    found: `${name} ${version} can't be had: ${cause instanceof Error ? causeText(cause) : String(cause)}`,
    todo: 'check the address and the network; without one, `keel pin --file` pins a file of yours',
    cause,
  })
}

function causeText(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message
}

function wrongHash({ name, version, url, sha256 }: Artifact, actual: Sha256): KeelError {
  return new KeelError({
    code: 'artifact-hash',
    at: url,
    found: `${name} ${version} with SHA-256 ${actual}`,
    why: `keel.lock.json says ${sha256}`,
    todo: 'find out who changed it; if the change is meant, run `keel pin` again',
  })
}
