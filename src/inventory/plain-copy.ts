/** No key of the inventory lies deeper than eight levels. */
const DEPTH = 64

/**
 * A definition's value as plain data, read once: what getters and proxies say later can't differ from what was checked.
 * What is no plain object or list stays as it is, for the checks to refuse.
 * @throws Error for a value that holds itself or is nested too deeply; what a getter throws
 */
export function plainCopy(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEPTH) throw new Error('values nested too deeply, or within themselves')
  if (Array.isArray(value)) return Array.from(value, (one) => plainCopy(one, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainCopy(inner, depth + 1)]))
}
