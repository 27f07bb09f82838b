import { isMap, isScalar, parseDocument } from 'yaml'

/**
 * The keys of a file that k3s reads, without their values: those may be secrets. `undefined` if it is not a YAML map;
 * k3s would exit because of it.
 */
export function topLevelKeys(text: string): readonly string[] | undefined {
  const document = parseDocument(text, { uniqueKeys: false, logLevel: 'silent' })
  if (document.errors.length > 0) return undefined
  if (document.contents === null) return []
  if (!isMap(document.contents)) return undefined
  return document.contents.items.map(({ key }) =>
    String(isScalar(key) ? key.value : key)
      .replace(/[^A-Za-z0-9_+.-]/g, '?')
      .slice(0, 64),
  )
}
