/** The versions of `variant: flatcar` that keel translates, with the Ignition version of each. */
export const versions = {
  '1.0.0': { ignition: '3.3.0', goPackage: 'v0_4' },
  '1.1.0': { ignition: '3.4.0', goPackage: 'v0_5' },
} as const

export type Version = keyof typeof versions

/**
 * The semantic version of a text in its normal form (`01.1.0` → `1.1.0`); undefined if there is none. Like go-semver,
 * this is less strict than semver.org: it accepts leading zeros, and a `-` or `+` with nothing after it.
 */
export function normalizeVersion(text: string): string | undefined {
  const [withoutMetadata = '', metadata] = cut(text, '+')
  const [numbers = '', preRelease] = cut(withoutMetadata, '-')
  const parts = numbers.split('.')
  if (parts.length !== 3 || !parts.every(isInt64)) return undefined
  const plain = parts.map((part) => BigInt(part)).join('.')
  let result = plain
  for (const [sign, identifier] of [
    ['-', preRelease],
    ['+', metadata],
  ] as const) {
    if (identifier === undefined || identifier === '') continue
    if (!/^[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*$/.test(identifier)) return undefined
    result += sign + identifier
  }
  return result
}

export function isVersion(text: string): text is Version {
  return Object.hasOwn(versions, text)
}

function cut(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function isInt64(digits: string): boolean {
  return /^[0-9]+$/.test(digits) && BigInt(digits) < 2n ** 63n
}
