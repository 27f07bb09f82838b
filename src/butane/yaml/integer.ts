const digits: Readonly<Record<string, RegExp>> = { '0x': /^[0-9a-f]+$/i, '0o': /^[0-7]+$/, '0b': /^[01]+$/ }
const least = -(2n ** 63n)
const beyond = 2n ** 64n

/**
 * An integer as yaml.v3 reads it: 0x, 0o and 0b in upper or lower case, a leading 0 for octal, a sign, at most 64 bits
 * (also unsigned).
 */
export function integer(text: string): bigint | undefined {
  const [, sign = '', prefix = '', rest = ''] = /^([-+]?)(0[xob]|0(?=.)|)(.*)$/is.exec(text) ?? []
  const base = prefix === '0' ? '0o' : prefix.toLowerCase()
  const allowed = base === '' ? /^[0-9]+$/ : digits[base]
  if (allowed === undefined || !allowed.test(rest)) return undefined
  const size = BigInt(base + rest)
  const value = sign === '-' ? -size : size
  // ParseUint, which reads numbers beyond 63 bits, accepts no sign
  return value < least || value >= (sign === '' ? beyond : -least) ? undefined : value
}
