/** The `string`s of RFC 4251 section 5, if they fill the bytes exactly; else undefined. */
export function sshStrings(bytes: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 4) return undefined
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) return undefined
    fields.push(bytes.subarray(at + 4, end))
    at = end
  }
  return fields
}

/** The same where there are exactly this many; else undefined. */
export function sshFields(bytes: Buffer, count: number): readonly Buffer[] | undefined {
  const fields = sshStrings(bytes)
  return fields?.length === count ? fields : undefined
}

/** What `sshStrings` reads. */
export function sshBlob(...fields: readonly (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}
