import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { KeelError } from '../errors.ts'
import type { Arch } from '../model/cluster.ts'
import type { Packed } from '../sysext/pieces.ts'
import { archivedFiles } from './archived-files.ts'
import { packFile } from './pack-file.ts'
import { refuseNoProgram } from './program-arch.ts'

/** A release has about 20 plugins with 90 MB. */
const LIMITS = { entries: 100, bytes: 256 << 20 } as const
/** In the archive, but no plugins. */
const TEXTS = ['LICENSE', 'README.md']

/**
 * Compresses each plugin in an archive of the CNI plugins.
 * @param folder for the plugins and what is made of them
 * @param at the archive as messages name it
 * @throws KeelError `cni-archive` for another archive; `pin-program`, `artifact-arch`
 */
export async function packPlugins(
  archive: string,
  {
    folder,
    arch,
    at,
    signal,
  }: {
    readonly folder: string
    readonly arch: Arch
    readonly at: string
    readonly signal: AbortSignal | undefined
  },
): Promise<Readonly<Record<string, Packed>>> {
  const plugins: [string, Packed][] = []
  for await (const { name, content } of filesIn(archive, at)) {
    signal?.throwIfAborted()
    if (TEXTS.includes(name)) continue
    const file = join(folder, `cni-${name}`)
    await writeFile(file, content)
    await refuseNoProgram(file, arch, name)
    plugins.push([name, await packFile({ file, size: content.length }, `${file}.lz4`, signal)])
  }
  if (plugins.length === 0) throw refused(at, 'the archive has no plugins')
  return Object.fromEntries(plugins)
}

async function* filesIn(archive: string, at: string) {
  // a stream that is not piped through `pipeline` ends the gunzip by itself, but does not tell it about its own errors
  const bytes = createReadStream(archive)
  const tar = createGunzip()
  bytes.on('error', (error) => tar.destroy(error)).pipe(tar)
  const files = archivedFiles(tar, LIMITS)
  try {
    for (;;) {
      const { done, value } = await files.next().catch((cause: unknown) => {
        throw refused(at, cause instanceof Error ? cause.message : String(cause), cause)
      })
      if (done === true) return
      yield value
    }
  } finally {
    bytes.destroy()
    tar.destroy()
  }
}

function refused(at: string, found: string, cause?: unknown): KeelError {
  return new KeelError({
    code: 'cni-archive',
    at,
    found,
    why: 'keel takes only plain files out of the archive of the CNI plugins',
    todo: 'download it again, or name another release with --cni-version',
    ...(cause === undefined ? {} : { cause }),
  })
}
