import { isMap, isScalar, parseDocument } from 'yaml'

/**
 * The keys of a file that k3s reads, without their values: those may be secrets. `undefined` where it is no YAML map,
 * which k3s ends at.
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
