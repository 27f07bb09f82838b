import { type Document, isMap } from 'yaml'
import type { Finding, Source } from '../definitions.ts'
import type { People } from '../people.ts'
import { isNothing, parseDocuments } from '../yaml/parse-yaml.ts'

/**
 * Manifests must be YAML with objects that Kubernetes can know. k3s would try others again and again, and report that
 * only in its log.
 */
export function checkManifests({ cluster, hosts }: People): Finding[] {
  return [cluster, ...hosts].flatMap(({ source, values }) =>
    Object.entries(values.manifests ?? {}).flatMap(([name, text]) => checkManifest(source, name, text)),
  )
}

function checkManifest(source: Source, name: string, text: string): Finding[] {
  const { documents, problem, place } = parseDocuments(text)
  const at = (offset: number, found: string) => {
    const [line, column] = place(offset).split(':')
    return { source, path: ['manifests', name], found: `in its line ${line}, column ${column}: ${found}` }
  }
  if (problem !== undefined) {
    const { offset, found, ...rest } = problem
    return [{ ...rest, ...at(offset, found), code: 'manifest-syntax' }]
  }
  const objects = documents.filter((document) => !isNothing(document))
  if (objects.length === 0) return [{ ...at(0, 'it contains no object'), code: 'manifest-object' }]
  return objects.flatMap((document): Finding[] => {
    const missing = missingOf(document)
    if (missing === undefined) return []
    const why = 'Kubernetes needs the apiVersion and kind of every object'
    return [{ ...at(document.contents?.range[0] ?? 0, missing), code: 'manifest-object', why }]
  })
}

function missingOf({ contents }: Document.Parsed): string | undefined {
  if (!isMap(contents)) return 'something that is not an object'
  const missing = ['apiVersion', 'kind'].filter((key) => typeof contents.get(key) !== 'string')
  return missing.length === 0 ? undefined : `an object without ${missing.join(' and ')}`
}
