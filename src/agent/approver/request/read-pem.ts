import { DerFault } from './read-der.ts'

/** RFC 7468: the text has this one block, with no headers, nothing before it and nothing after it. */
const BLOCK =
  /^-----BEGIN CERTIFICATE REQUEST-----\r?\n((?:[A-Za-z0-9+/]{1,76}={0,2}\r?\n)+)-----END CERTIFICATE REQUEST-----(?:\r?\n)?$/

/** @throws DerFault where it is no such block, or its base64 could be read in several ways */
export function pemContents(pem: string): Buffer {
  const [, lines] = BLOCK.exec(pem) ?? []
  if (lines === undefined) throw new DerFault('no PEM of one certificate request')
  const base64 = lines.replace(/\r?\n/g, '')
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.toString('base64') !== base64) throw new DerFault('base64 in an unusual form')
  return bytes
}
