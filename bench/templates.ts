import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { templateModule } from '../scripts/handlebars.ts'

/**
 * For benchmarks that import keel's sources unbundled: `node --import ./bench/templates.ts …` reads templates as
 * scripts/bundle.ts does.
 */
registerHooks({
  // a folder's file that bundlers find by its short name
  resolve: (specifier, context, next) =>
    next(specifier === 'handlebars/runtime' ? `${specifier}.js` : specifier, context),
  load(url, context, next) {
    const source = () => readFileSync(new URL(url), 'utf8')
    if (url.endsWith('.hbs')) return { format: 'module', shortCircuit: true, source: templateModule(source()) }
    if (/src\/(templates|parts)\/.*\.(sh|txt)$/.test(url))
      return { format: 'module', shortCircuit: true, source: `export default ${JSON.stringify(source())}` }
    return next(url, context)
  },
})
