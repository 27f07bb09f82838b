import { KeelError } from '../errors.ts'
import { openDownload } from './download.ts'
import type { Env } from './env.ts'
import { mirrored } from './mirror.ts'

/** A list of hashes has a few hundred bytes, one of all versions less than 100 kB. */
const MOST_TEXT = 1 << 20

/**
 * A short text of a release, from the mirror if there is one.
 * @param seconds after which keel waits no longer
 * @throws KeelError `pin-fetch`; `mirror`
 */
export async function fetchText(url: string, signal: AbortSignal | undefined, env: Env, seconds = 30): Promise<string> {
  const from = mirrored(url, env)
  try {
    const ends = AbortSignal.timeout(seconds * 1000)
    const body = await openDownload(from, AbortSignal.any([ends, ...(signal ? [signal] : [])]))
    let text = ''
    for await (const part of body.pipeThrough(new TextDecoderStream())) {
      text += part
      if (text.length > MOST_TEXT) throw new Error('more than a megabyte, where a short list belongs')
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
