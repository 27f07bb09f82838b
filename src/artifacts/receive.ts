import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Transform, type TransformCallback } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { Artifact } from '../desired/host-state.ts'
import type { Sha256 } from '../model/brands.ts'
import { memberOf } from './archive-member.ts'
import { openDownload } from './download.ts'
import type { Env } from './env.ts'
import { mirrored } from './mirror.ts'

/**
 * Downloads a file, or the program in an archive, from the mirror if there is one.
 * @param most the limit in bytes, of both
 * @throws KeelError `mirror`; Error if it can't be had: what was written is incomplete then
 */
export async function receive(
  { url, archive }: Pick<Artifact, 'url' | 'archive'>,
  into: string,
  most: number,
  env: Env,
  signal: AbortSignal | undefined,
): Promise<Received> {
  const [received, written] = [new Measure(most), new Measure(most)]
  const body = await openDownload(mirrored(url, env), signal)
  const out = createWriteStream(into)
  if (archive === undefined) await pipeline(body, received, written, out)
  else await pipeline(body, received, createGunzip(), programIn, written, out)
  return { archive: received.sha256(), program: written.sha256(), size: written.size }
}

interface Received {
  /** Of all that came. */
  readonly archive: Sha256
  /** Of what was written. */
  readonly program: Sha256
  readonly size: number
}

/** Node's releases have their program there, below a folder with the name of the release. */
function programIn(archive: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return memberOf(archive, (name) => /^[^/]+\/bin\/node$/.test(name))
}

/** Hashes and counts what passes. */
class Measure extends Transform {
  size = 0
  readonly #hash = createHash('sha256')
  readonly #most: number

  constructor(most: number) {
    super()
    this.#most = most
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk)
    this.size += chunk.length
    if (this.size > this.#most) done(tooLarge(this.#most))
    else done(null, chunk)
  }

  /** Once, when all has passed. */
  sha256(): Sha256 {
    return this.#hash.digest('hex') as Sha256
  }
}

export function tooLarge(most: number): Error {
  return new Error(`it has more than ${Math.floor(most / (1 << 20))} MB`)
}
