import { KeelError } from '../errors.ts'
import type { Sha256 } from '../model/brands.ts'
import type { Env } from './env.ts'
import { fetchText } from './fetch-text.ts'

/**
 * The SHA-256 of a file of a release, from the release's list: lines in the form of sha256sum. A list of Kubernetes is
 * for one file, and has nothing but its hash.
 * @throws KeelError `pin-fetch` if the list can't be downloaded or does not name the file; `mirror`
 */
export async function releasedSum(
  sums: string,
  name: string,
  signal: AbortSignal | undefined,
  env: Env = {},
): Promise<Sha256> {
  const text = await fetchText(sums, signal, env)
  const isAlone = sums.endsWith('.sha256') && /^[0-9a-f]{64}\n?$/.test(text)
  const line = isAlone ? text : text.split('\n').find((row) => row.split(/\s+/)[1] === name)
  const sha256 = line?.split(/\s+/)[0]
  if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw new KeelError({
      code: 'pin-fetch',
      at: sums,
      found: `no SHA-256 of ${name}`,
      why: 'the release has no such file, or the list is from another release',
    })
  }
  return sha256 as Sha256
}
