import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { EXECUTABLES } from '../bundle.ts'

/** What the npm package has too, without its own sources. */
const FOLDERS = ['dist', 'schema', 'docs', 'test/kubernetes', 'test/lookalike', 'test/nixos']

/**
 * What an executable carries: paths relative to the package → their modes, in a fixed order, so that the same sources
 * give the same executable.
 */
export function carriedFiles(root: string): Readonly<Record<string, number>> {
  const paths = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  )
  const carried = paths.filter((path) => !path.startsWith(`dist/${EXECUTABLES}/`) && !path.endsWith('.map')).toSorted()
  return Object.fromEntries(carried.map((path) => [path, isProgram(join(root, path)) ? 0o755 : 0o644]))
}

/** The other bits depend on the umask of who cloned the repository. */
function isProgram(path: string): boolean {
  return (statSync(path).mode & 0o100) !== 0
}
