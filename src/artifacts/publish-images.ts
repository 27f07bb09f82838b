import { lstatSync, readdirSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ExitCode, type Fault, FaultsError, KeelError, systemCode } from '../errors.ts'
import { notWritten } from '../files/not-written.ts'
import type { Sha256 } from '../model/brands.ts'
import { parseImageFileName } from '../model/systems/image-file-name.ts'
import { sha256OfFile } from './artifact-cache.ts'
import type { Env } from './env.ts'
import { signDetached } from './sign-detached.ts'

/** The names that systemd-sysupdate asks for beside the images (sysupdate.d(5), `url-file`). */
const SUMS = 'SHA256SUMS'
const SIGNATURE = 'SHA256SUMS.gpg'
const MOST_IMAGE_BYTES = 2 ** 31

export interface Published {
  readonly images: readonly PublishedImage[]
  /** The fingerprint of the key that has signed. */
  readonly fingerprint: string
}

interface PublishedImage {
  readonly file: string
  readonly sha256: Sha256
}

/**
 * Writes SHA256SUMS and its detached signature beside the images of a folder. Both are complete before the first one
 * is replaced.
 * @param key as gpg takes it; undefined: gpg's default key
 * @throws FaultsError `image-name` (exit 2); KeelError `no-images` (exit 2), `gpg`, `not-written`
 */
export async function publishImages(
  folder: string,
  { key, env, signal }: { readonly key: string | undefined; readonly env: Env; readonly signal: AbortSignal },
): Promise<Published> {
  const images: PublishedImage[] = []
  for (const file of imagesIn(folder))
    images.push({ file, sha256: await sha256OfFile(join(folder, file), MOST_IMAGE_BYTES, signal) })
  let staged: string | undefined
  try {
    staged = await mkdtemp(join(folder, '.keel-publish-'))
    const [sums, signature] = [join(staged, SUMS), join(staged, SIGNATURE)]
    await writeFile(sums, images.map(({ file, sha256 }) => `${sha256}  ${file}\n`).join(''))
    const fingerprint = await signDetached(sums, signature, { key, env, signal })
    // a server that is asked between the two has a signature that does not fit, which systemd-sysupdate refuses
    await rename(signature, join(folder, SIGNATURE))
    await rename(sums, join(folder, SUMS))
    return { images, fingerprint }
  } catch (error) {
    throw notWritten(error, folder)
  } finally {
    if (staged !== undefined) await rm(staged, { recursive: true, force: true })
  }
}

/** Sorted, so that the same images make the same list. */
function imagesIn(folder: string): readonly string[] {
  const files = namesIn(folder).filter((name) => name.endsWith('.raw'))
  const faults: readonly Fault[] = files.flatMap((file) => {
    const found = faultOf(folder, file)
    return found === undefined ? [] : [found]
  })
  if (faults.length > 0) throw new FaultsError(faults)
  if (files.length > 0) return files.toSorted()
  throw new KeelError({
    code: 'no-images',
    at: folder,
    found: 'no file whose name ends with .raw',
    todo: 'make an image with `keel sysext build kubernetes VERSION --out DIR`',
    exit: ExitCode.Usage,
  })
}

function faultOf(folder: string, file: string): Fault | undefined {
  const at = join(folder, file)
  if (!lstatSync(at).isFile())
    return { code: 'image-name', at, found: 'not a regular file', todo: 'move it away, or copy the file here' }
  if (parseImageFileName(file) !== undefined) return undefined
  return {
    code: 'image-name',
    at,
    found: 'a name that no pattern of systemd-sysupdate matches',
    why: 'a host would never see this image',
    todo: 'rename it as `keel sysext build` does (kubernetes-v1.36.3-x86-64.raw), or move it away',
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    throw new KeelError({
      code: 'no-images',
      at: folder,
      found: `this folder can't be read (${systemCode(cause)})`,
      todo: 'name the folder that has the images',
      exit: ExitCode.Usage,
      cause,
    })
  }
}
