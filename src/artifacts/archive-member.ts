/** The blocks of a tar archive (POSIX pax interchange format, "ustar Interchange Format"). */
const BLOCK = 512

/**
 * The bytes of a file in a tar archive, as they arrive; the rest of the archive is read to its end and ignored.
 * @param isWanted told the name of each entry; the first regular file that it accepts is taken
 * @throws Error if the archive is damaged, or has no such file
 */
export async function* memberOf(
  archive: AsyncIterable<Uint8Array>,
  isWanted: (name: string) => boolean,
): AsyncGenerator<Uint8Array> {
  let header = Buffer.alloc(0)
  // of the entry: bytes of its content, and of what fills its last block
  let [content, fill] = [0, 0]
  let [takes, isFound] = [false, false]
  for await (const chunk of archive) {
    let rest = chunk
    while (rest.length > 0) {
      if (content > 0) {
        const part = rest.subarray(0, content)
        if (takes) yield part
        content -= part.length
        rest = rest.subarray(part.length)
      } else if (fill > 0) {
        const skipped = Math.min(fill, rest.length)
        fill -= skipped
        rest = rest.subarray(skipped)
      } else {
        const part = rest.subarray(0, BLOCK - header.length)
        header = Buffer.concat([header, part])
        rest = rest.subarray(part.length)
        if (header.length < BLOCK) continue
        const { name, size, isFile } = entryOf(header)
        header = Buffer.alloc(0)
        content = size
        fill = -size & (BLOCK - 1)
        takes = !isFound && isFile && isWanted(name)
        isFound ||= takes
      }
    }
  }
  if (content > 0 || header.length > 0) throw new Error('the archive is cut off')
  if (!isFound) throw new Error('the archive does not contain the program')
}

function entryOf(header: Buffer): { readonly name: string; readonly size: number; readonly isFile: boolean } {
  const name = textAt(header, 0, 100)
  // two blocks of zeros are the end of an archive
  if (name === '') return { name, size: 0, isFile: false }
  const size = textAt(header, 124, 12).trim()
  if (!/^[0-7]{1,11}$/.test(size)) throw new Error('this is no tar archive')
  const type = textAt(header, 156, 1)
  return { name, size: Number.parseInt(size, 8), isFile: type === '0' || type === '' }
}

function textAt(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length)
  const end = field.indexOf(0)
  return field.subarray(0, end < 0 ? length : end).toString('latin1')
}
