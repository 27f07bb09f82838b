/**
 * `npm pack` and `npm publish` call it before and after: what is published needs no package (all of them are bundled),
 * no script and no tool, so that `npm i keel` has nothing to fetch and nothing to compile.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const [manifest, kept] = [at('package.json'), at('package.json.kept')]

// a pack that was killed has left it
if (existsSync(kept)) renameSync(kept, manifest)
if (process.argv[2] === 'strip') {
  const text = readFileSync(manifest, 'utf8')
  const { dependencies, devDependencies, scripts, ...published } = JSON.parse(text)
  writeFileSync(kept, text)
  writeFileSync(manifest, `${JSON.stringify(published, null, 2)}\n`)
}
