import type { Json, Manifest } from '../cluster.ts'
import { madeByKeel } from '../made-by-keel.ts'
import { yamlText } from '../text/yaml-text.ts'

/** Objects in the form of a file, for `kubectl apply` and for k3s. */
export function manifestText(objects: readonly Json[]): string {
  return `${madeByKeel}${objects.map((one) => yamlText(one)).join('---\n')}`
}

/** Objects that each server applies in their order whenever this file changes. Every server has the same file. */
export function manifestOf(name: string, objects: readonly Json[]): Manifest {
  return { name, content: manifestText(objects) }
}
