import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact } from '../desired/host-state.ts'
import { KeelError } from '../errors.ts'
import type { Sha256 } from '../model/brands.ts'
import { cannotFetch, MOST_ARTIFACT_BYTES, wrongHash } from './artifact-cache.ts'
import { cacheDirectory, cacheVariable } from './cache-directory.ts'
import type { Env } from './env.ts'
import { makeOwnFolder } from './own-folder.ts'
import { receive } from './receive.ts'

/**
 * Downloads a release whose program is in an archive, and keeps the program in the cache.
 * @param archive the hash of the archive, in the list of the release
 * @returns the hash of the program
 * @throws KeelError as `fetchArtifact`
 */
export async function fetchArchived(
  artifact: Omit<Artifact, 'sha256' | 'archive'> & { readonly archive: Sha256 },
  env: Env,
  signal?: AbortSignal,
): Promise<Sha256> {
  const folder = join(cacheDirectory(env), 'artifacts')
  makeOwnFolder({ path: folder, variable: cacheVariable })
  const partial = join(folder, `${artifact.archive}.${process.pid}.partial`)
  try {
    const { archive, program } = await receive(artifact, partial, MOST_ARTIFACT_BYTES, env, signal)
    if (archive !== artifact.archive)
      throw wrongHash(
        { ...artifact, sha256: archive },
        `SHA-256 ${archive}`,
        artifact.archive,
        'the list of the release',
      )
    await rename(partial, join(folder, program))
    return program
  } catch (error) {
    throw error instanceof KeelError ? error : cannotFetch(artifact, error)
  } finally {
    await rm(partial, { force: true })
  }
}
