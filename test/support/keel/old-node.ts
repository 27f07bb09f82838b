import { mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { cacheDirectory } from '../../../src/artifacts/cache-directory.ts'
import { hasCode } from '../../../src/errors.ts'

/** The oldest version that `engines` in package.json allows. */
const VERSION = '22.18.0'

/**
 * The program of that version, from its npm package, downloaded once on a machine. It is not a dependency in
 * package.json, because its program would replace our own node in node_modules/.bin.
 */
export async function oldNode(): Promise<string> {
  const cache = cacheDirectory(process.env)
  const folder = join(cache, `node-${VERSION}-${process.arch}`)
  const program = join(folder, `node_modules/node-linux-${process.arch}/bin/node`)
  const works = async () => (await execa(program, ['--version'], { reject: false })).stdout === `v${VERSION}`
  if (await works()) return program
  const fresh = await mkdtemp(`${folder}-`)
  const options = ['--prefix', fresh, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  await execa('npm', ['install', ...options, `node-linux-${process.arch}@${VERSION}`])
  await rename(fresh, folder).catch(async (error: unknown) => {
    // another run was faster
    await rm(fresh, { recursive: true })
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST') || !(await works())) throw error
  })
  return program
}
