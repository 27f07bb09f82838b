/**
 * Whether Go's `base64.StdEncoding` decodes it, line breaks taken out: padded, and laxer than RFC 4648 about the bits
 * that padding leaves over.
 */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}
