import { type Document, isMap } from 'yaml'
import type { Issue } from '../../model/schema/parsed.ts'
import type { Finding } from '../definitions.ts'
import type { People } from '../people.ts'
import { isNothing, parseDocuments } from '../yaml/parse-yaml.ts'
import { networkFilesOf } from './check-network-files.ts'

/**
 * Manifests must be YAML with objects that Kubernetes can know. k3s would try others again and again, and report that
 * only in its log.
 */
export function checkManifests({ cluster, hosts, manifestFiles }: People): Finding[] {
  return [
    ...[cluster, ...hosts].flatMap(({ source, values }) =>
      Object.entries(values.manifests ?? {}).flatMap(([name, text]) =>
        manifestIssues(text).map((issue) => ({ ...issue, source, path: ['manifests', name] })),
      ),
    ),
    ...networkFilesOf(cluster.values.cni).flatMap(({ path, index }) => {
      const text = manifestFiles.get(path)
      return (typeof text === 'string' ? manifestIssues(text) : []).map((issue) => ({
        ...issue,
        source: cluster.source,
        path: ['cni', 'manifests', index],
        found: `${path}: ${issue.found}`,
      }))
    }),
  ]
}

/** What is wrong with the text of a manifest, each with its place in it. Pure. */
export function manifestIssues(text: string): readonly Omit<Issue, 'path'>[] {
  const { documents, problem, place } = parseDocuments(text)
  const at = (offset: number, found: string) => {
    const [line, column] = place(offset).split(':')
    return { found: `in its line ${line}, column ${column}: ${found}` }
  }
  if (problem !== undefined) {
    const { offset, found, ...rest } = problem
    return [{ ...rest, ...at(offset, found), code: 'manifest-syntax' }]
  }
  const objects = documents.filter((document) => !isNothing(document))
  if (objects.length === 0) return [{ ...at(0, 'it contains no object'), code: 'manifest-object' }]
  return objects.flatMap((document): Omit<Issue, 'path'>[] => {
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
