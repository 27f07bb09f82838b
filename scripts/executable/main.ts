/**
 * What the single executable runs first. Node gives it one script and assets; keel's bundle is several modules. So it
 * has node load them from the assets, under `keel:///dist/…`: nothing is written to a disk. An inventory's
 * `import 'keel'` leads to the same modules.
 */
import { enableCompileCache, registerHooks } from 'node:module'
import { join } from 'node:path'
import { getRawAsset } from 'node:sea'
import { constants, Script } from 'node:vm'
import { cacheDirectory, cacheVariable } from '../../src/artifacts/cache-directory.ts'
import { makeOwnFolder } from '../../src/artifacts/own-folder.ts'

const ROOT = 'keel:///'

registerHooks({
  resolve(specifier, context, next) {
    const isOwn =
      specifier.startsWith(ROOT) || (context.parentURL?.startsWith(ROOT) === true && /^\.\.?\//.test(specifier))
    if (!isOwn) return next(specifier, context)
    return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true }
  },
  load(url, context, next) {
    if (!url.startsWith(ROOT)) return next(url, context)
    return { format: 'module', source: new Uint8Array(getRawAsset(url.slice(ROOT.length))), shortCircuit: true }
  },
})

// As bin/keel.js does: V8's compiled code stays from run to run, in a folder of the user. Without a folder that is safe,
// keel starts without one.
if (!process.env.NODE_COMPILE_CACHE) {
  try {
    const path = join(cacheDirectory(process.env), 'compile')
    makeOwnFolder({ path, variable: cacheVariable })
    enableCompileCache(path)
  } catch {}
}

interface Cli {
  main(argv: readonly string[]): Promise<number>
}

// the script of an executable can't import by itself
const load: (url: string) => Promise<Cli> = new Script('(url) => import(url)', {
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}).runInThisContext()

load(`${ROOT}dist/cli.js`)
  .then(({ main }) => main(process.argv.slice(2)))
  .then((code) => {
    process.exitCode = code
  })
