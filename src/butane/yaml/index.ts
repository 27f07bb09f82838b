import { composeDocument } from './compose.ts'
import type { Node } from './node.ts'
import { charactersOf } from './scan/characters.ts'

export * from './node.ts'
export { type Resolved, resolve } from './resolve.ts'
export { YamlError } from './yaml-error.ts'

/**
 * The first document of a YAML file as yaml.v3 (Go) reads it, with the place of every node; undefined for a file
 * without a document.
 * @throws {YamlError} for a file that yaml.v3 refuses
 */
export function readYaml(bytes: Uint8Array): Node | undefined {
  return composeDocument(charactersOf(bytes))
}
