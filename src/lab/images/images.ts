import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Arch } from '../../model/cluster.ts'
import { sha256 } from '../../model/digest.ts'
import { pauseImage, tinyImage } from './containerd-config.ts'
import { type Image, imageArchive } from './image-archive.ts'

/** The images that Pods of a lab can use, without any registry. Both contain the same static program. */
export function labImages(tiny: Uint8Array): readonly Image[] {
  const files = [
    { path: 'tiny', content: tiny, mode: 0o755 },
    {
      path: 'etc/passwd',
      content: new TextEncoder().encode('root:x:0:0::/:\nnobody:x:65534:65534::/:\n'),
      mode: 0o644,
    },
  ]
  return [
    { tag: pauseImage, layers: [files], entrypoint: ['/tiny', 'pause'], user: '65535:65535' },
    { tag: tinyImage, layers: [files], entrypoint: ['/tiny'], command: ['serve', ':8080'] },
  ]
}

/** The path of the archive in the cache, built if it is missing. Equal programs give equal bytes. */
export async function ensureImages(tinyProgram: string, arch: Arch, cache: string): Promise<string> {
  const tiny = await readFile(tinyProgram)
  const digest = sha256(Buffer.concat([tiny, Buffer.from(JSON.stringify(labImages(new Uint8Array())))]))
  const path = join(cache, `images-${digest.slice(0, 16)}.tar`)
  if (!existsSync(path)) {
    await writeFile(`${path}.${process.pid}`, imageArchive(labImages(tiny), arch))
    await rename(`${path}.${process.pid}`, path)
  }
  return path
}
