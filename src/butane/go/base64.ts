/**
 * Whether Go's `base64.StdEncoding` decodes it, without its line breaks. It needs padding. Unlike RFC 4648, it ignores
 * the bits before the padding that belong to no byte.
 */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}
