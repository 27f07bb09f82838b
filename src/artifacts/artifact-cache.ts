import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import type { Artifact } from '../desired/host-state.ts'
import { KeelError } from '../errors.ts'
import type { Sha256 } from '../model/brands.ts'
import type { LocalFile } from '../sysext/pieces.ts'
import { cacheDirectory, cacheVariable } from './cache-directory.ts'
import type { Env } from './env.ts'
import { checkOwnFolder, makeOwnFolder } from './own-folder.ts'
import { markUsed, pruneArtifacts } from './prune-artifacts.ts'
import { receive, tooLarge } from './receive.ts'

/** k3s has 75 MB, Node 125. With this limit, a server that sends without end cannot fill this machine. */
export const MOST_ARTIFACT_BYTES = 512 << 20

/**
 * Brings an artifact to this machine once, and checks it: `https:` goes into the cache by its hash, `file:` stays where
 * it is.
 * @param most the limit in bytes
 * @throws KeelError `folder-of-others` for a cache that others can change, `artifact-fetch` if it can't be downloaded,
 * `artifact-hash` if its hash is not the one in the lock file
 */
export async function fetchArtifact(
  artifact: Artifact,
  env: Env,
  signal?: AbortSignal,
  most = MOST_ARTIFACT_BYTES,
): Promise<LocalFile> {
  if (artifact.url.startsWith('file:')) return ownFile(artifact, most, signal)
  const folder = join(cacheDirectory(env), 'artifacts')
  const own = { path: folder, variable: cacheVariable }
  checkOwnFolder(own)
  const file = join(folder, artifact.sha256)
  const size = await cachedSize(file, artifact.sha256)
  if (size !== undefined) return { file, size }
  makeOwnFolder(own)
  const local = await download(artifact, file, most, env, signal)
  pruneArtifacts(folder)
  return local
}

/**
 * A file of the cache that keel makes itself.
 * @param make writes the file; it throws if the file has another hash
 * @throws KeelError `folder-of-others`, and as `make`
 */
export async function cachedFile(
  env: Env,
  sha256: Sha256,
  make: (into: string) => Promise<unknown>,
): Promise<LocalFile> {
  const folder = join(cacheDirectory(env), 'artifacts')
  const file = join(folder, sha256)
  const known = await cachedSize(file, sha256)
  if (known !== undefined) return { file, size: known }
  makeOwnFolder({ path: folder, variable: cacheVariable })
  const partial = `${file}.${process.pid}.image`
  try {
    await make(partial)
    await rename(partial, file)
  } finally {
    await rm(partial, { force: true })
  }
  return { file, size: (await stat(file)).size }
}

/**
 * The lock file may name any file of this machine, so the message about a wrong file does not even contain its hash.
 */
async function ownFile(artifact: Artifact, most: number, signal: AbortSignal | undefined): Promise<LocalFile> {
  const file = fileURLToPath(artifact.url)
  const actual = await sha256OfFile(file, most, signal).catch((cause: unknown) => {
    throw signal?.aborted === true ? cause : cannotFetch(artifact, cause)
  })
  if (actual !== artifact.sha256) throw wrongHash(artifact, 'another SHA-256')
  return { file, size: (await stat(file)).size }
}

/**
 * The number of bytes of a file in the cache that is readable and complete. keel marks it first and checks it last. If
 * another keel deletes it in between, keel downloads it again.
 */
async function cachedSize(file: string, sha256: Sha256): Promise<number | undefined> {
  await markUsed(file)
  const size = async () => ((await sha256OfFile(file)) === sha256 ? (await stat(file)).size : undefined)
  return size().catch(() => undefined)
}

async function download(
  artifact: Artifact,
  file: string,
  most: number,
  env: Env,
  signal: AbortSignal | undefined,
): Promise<LocalFile> {
  const partial = `${file}.${process.pid}.partial`
  try {
    const { archive, program, size } = await receive(artifact, partial, most, env, signal)
    if (artifact.archive !== undefined && archive !== artifact.archive)
      throw wrongHash(artifact, `SHA-256 ${archive}`, artifact.archive)
    if (program !== artifact.sha256) throw wrongHash(artifact, `SHA-256 ${program}`)
    await rename(partial, file)
    return { file, size }
  } catch (error) {
    throw error instanceof KeelError ? error : cannotFetch(artifact, error)
  } finally {
    await rm(partial, { force: true })
  }
}

/**
 * The SHA-256 of the bytes of a regular file.
 * @throws the error of the system; Error for anything except a regular file, and for one that is too large
 */
export async function sha256OfFile(file: string, most = MOST_ARTIFACT_BYTES, signal?: AbortSignal): Promise<Sha256> {
  // opening a pipe without a writer does not wait
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  const state = await handle.stat()
  if (!state.isFile()) throw new Error('it is not a regular file')
  if (state.size > most) throw tooLarge(most)
  const hash = createHash('sha256')
  const bytes = handle.createReadStream({ autoClose: false, start: 0, end: most })
  await pipeline(bytes, hash, signal === undefined ? {} : { signal })
  return hash.digest('hex') as Sha256
}

export function cannotFetch(
  { name, version, url }: Pick<Artifact, 'name' | 'version' | 'url'>,
  cause: unknown,
): KeelError {
  return new KeelError({
    code: 'artifact-fetch',
    at: url,
    found: `${name} ${version} could not be downloaded: ${cause instanceof Error ? causeText(cause) : String(cause)}`,
    todo: 'check the address and the network; without a network, name a mirror in KEEL_MIRROR, or pin your own file with `keel pin --file`',
    cause,
  })
}

function causeText(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message
}

export function wrongHash(
  { name, version, url, sha256 }: Artifact,
  actual: string,
  wanted = sha256,
  from = 'keel.lock.json',
): KeelError {
  return new KeelError({
    code: 'artifact-hash',
    at: url,
    found: `${name} ${version} with ${actual}`,
    why: `${from} has ${wanted}`,
    todo: 'find out who changed it; if the change is intended, run `keel pin` again',
  })
}
