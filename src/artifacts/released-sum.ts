import { KeelError } from '../errors.ts'
import type { Sha256 } from '../model/brands.ts'
import { openDownload } from './download.ts'
import type { Env } from './env.ts'
import { mirrored } from './mirror.ts'

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

/** A list of hashes has a few hundred bytes. */
const MOST_TEXT = 1 << 20

async function fetchText(url: string, signal: AbortSignal | undefined, env: Env): Promise<string> {
  const from = mirrored(url, env)
  try {
    const body = await openDownload(from, AbortSignal.any([AbortSignal.timeout(30_000), ...(signal ? [signal] : [])]))
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
      todo: 'check the version and the network; without a network, name a mirror in KEEL_MIRROR, or pin your own k3s (`keel pin --file amd64=PATH`) or Node (`keel pin --node amd64=PATH`)',
      cause,
    })
  }
}
