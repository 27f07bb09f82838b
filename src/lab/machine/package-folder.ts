import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * A folder of the package that contains this module, for example `test/lookalike`. It is beside src/, and in a bundle
 * beside dist/.
 */
export function packageFolder(path: string): string {
  let directory = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory)
  return join(directory, path)
}
