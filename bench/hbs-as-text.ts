import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

/** For benchmarks that import keel's sources unbundled: `node --import ./bench/hbs-as-text.ts …` has templates as their text, as the bundle does. */
registerHooks({
  load: (url, context, next) =>
    url.endsWith('.hbs')
      ? { format: 'module', shortCircuit: true, source: `export default ${JSON.stringify(readFileSync(new URL(url), 'utf8'))}` }
      : next(url, context),
})
