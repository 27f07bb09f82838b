import { bytesOfText } from '../text.ts'

/**
 * A path as part of the name of a unit, in the form of go-systemd's `UnitNamePathEscape` (and systemd-escape --path).
 */
export function escapeUnitPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '')
  return parts.length === 0 ? '-' : parts.map((part, index) => escapePart(part, index === 0)).join('-')
}

function escapePart(part: string, first: boolean): string {
  let escaped = ''
  for (const [index, byte] of bytesOfText(part).entries()) {
    const character = String.fromCharCode(byte)
    const hidden = first && index === 0 && character === '.'
    // go-systemd writes one digit for a byte below 16
    escaped += !hidden && /[:_.A-Za-z0-9]/.test(character) ? character : `\\x${byte.toString(16)}`
  }
  return escaped
}
