import Handlebars from 'handlebars'

/**
 * A template as the JavaScript module that keel's bundle and its tests get: compiled, for compiling takes longer than
 * anything else that `keel render` does. A value that is missing is an error, never an empty string; nothing is escaped
 * but by the helpers.
 */
export function templateModule(source: string): string {
  return `export default ${String(Handlebars.precompile(source, { noEscape: true, strict: true }))}`
}
