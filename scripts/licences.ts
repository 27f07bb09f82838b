import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'

/** Beside the bundle: most licences want their text to go with every copy. */
export const LICENCES_FILE = 'LICENCES.txt'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  /** The old form, which ssh2 has. */
  readonly licenses?: readonly { readonly type: string }[]
}

/** The folders, relative to the package, of the packages that are in a bundle: those of which at least one byte is. */
export function bundledPackages({ outputs }: Pick<Metafile, 'outputs'>): readonly string[] {
  const folders = Object.values(outputs)
    .flatMap((output) => Object.entries(output.inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    // node's own modules are in the bundle under the name of who asks for them
    .filter(([path]) => !path.startsWith('builtin:'))
    .flatMap(([path]) => /(node_modules\/(?:.*node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [])
  return [...new Set(folders)].toSorted()
}

/**
 * The licences of packages, one after the other, each with the package's name and version.
 * @param folders relative to `root`
 * @throws Error for a package without one
 */
export async function licencesOf(folders: readonly string[], root: string): Promise<string> {
  const parts = await Promise.all(
    folders.map(async (folder) => {
      const { name, version, license, licenses }: Manifest = JSON.parse(
        await readFile(join(root, folder, 'package.json'), 'utf8'),
      )
      const kind = license ?? licenses?.map(({ type }) => type).join(', ')
      const files = (await readdir(join(root, folder)))
        .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
        .toSorted()
      const texts = await Promise.all(files.map((file) => readFile(join(root, folder, file), 'utf8')))
      if (kind === undefined || texts.length === 0) throw new Error(`${folder} is bundled and has no licence text`)
      return [`${name} ${version} (${kind})`, ...texts.map((text) => text.trim())].join('\n\n')
    }),
  )
  return `keel's program contains these packages.\n\n${parts.map((part) => `${'='.repeat(79)}\n${part}\n`).join('\n')}`
}
