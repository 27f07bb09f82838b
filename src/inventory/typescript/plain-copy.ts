/** No key of the inventory is deeper than eight levels. */
const DEPTH = 64
/** Copying `new Array(4e9)` would never end. */
const LONGEST = 1_000_000

/**
 * The value of a definition as plain data, read once, so that getters and proxies can't return something else after the
 * check. A value that is not a plain object or list (a Map, an instance of a class) becomes a symbol that names it,
 * which the checks refuse. Otherwise they would see an object without keys.
 * @throws Error for a value that contains itself or is nested too deeply; the error of a getter
 */
export function plainCopy(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEPTH) throw new Error('values nested too deeply, or within themselves')
  if (Array.isArray(value) && value.length > LONGEST) throw new Error(`a list of ${value.length} entries`)
  if (Array.isArray(value)) return Array.from(value, (one) => plainCopy(one, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (typeof prototype === 'object' && prototype !== null && prototype !== Object.prototype && !isData(prototype))
    return Symbol(`a ${nameOf(prototype)}`)
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key, plainCopy(inner, depth + 1)])
  // the copy has no inherited keys; they are a fault (prototype-keys.ts)
  const inherits = prototype !== null && prototype !== Object.prototype
  return Object.fromEntries(inherits ? [...entries, ['__proto__', null]] : entries)
}

/** A plain object as the prototype of the object: `{ __proto__: { … } }`. */
function isData(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === Object.prototype && !Object.hasOwn(prototype, 'constructor')
}

function nameOf(prototype: object): string {
  const maker: unknown = 'constructor' in prototype ? prototype.constructor : undefined
  return typeof maker === 'function' && /^[A-Za-z_$][\w$]{0,40}$/.test(maker.name) ? maker.name : 'value of a class'
}
