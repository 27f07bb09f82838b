import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * A folder of the package that this module belongs to, `test/lookalike` say: beside src/, and beside dist/ when
 * bundled.
 */
export function packageFolder(path: string): string {
  let directory = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory)
  return join(directory, path)
}
