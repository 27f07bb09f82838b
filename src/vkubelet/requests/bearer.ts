/** Characters of a token: one of a ServiceAccount has about a thousand. */
const LONGEST = 16_384

/** The token of a header `Authorization: Bearer …` (RFC 6750, section 2.1); undefined for anything else. */
export function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined || header.length > LONGEST) return undefined
  return /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header)?.[1]
}
