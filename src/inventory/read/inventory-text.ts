import { isUtf8 } from 'node:buffer'
import { type Fault, KeelError, systemCode } from '../../errors.ts'
import { MOST_PARSED_BYTES, readInventoryFile } from '../../files/inventory-file.ts'

/** The text of a file that keel parses, or why there is none. */
export function readText(directory: string, file: string): string | Fault {
  const bytes = readBytes(directory, file, 'replace it with a file that you can read', MOST_PARSED_BYTES)
  if (!(bytes instanceof Uint8Array)) return bytes
  return isUtf8(bytes) ? bytes.toString() : notUtf8(file, bytes)
}

/**
 * What is in a file that an inventory must have, or why keel can't read it.
 * @param todo where it is not there, or the system refuses it
 * @param most bytes
 */
export function readBytes(directory: string, file: string, todo: string, most?: number): Buffer | Fault {
  const unread = (code: string): Fault => ({
    code: 'inventory-read',
    at: file,
    found: `it can't be read (${code})`,
    todo,
  })
  try {
    // removed since its folder was read
    return readInventoryFile(directory, file, most) ?? unread('ENOENT')
  } catch (error) {
    return error instanceof KeelError ? error : unread(systemCode(error))
  }
}

/** If keel read the text anyway, a name or a password would change. */
function notUtf8(file: string, bytes: Buffer): Fault {
  // a letter that ends at the end of a line is not valid either, so this can look at lines one by one
  const lines = bytes.toString('latin1').split('\n')
  const line = lines.findIndex((each) => !isUtf8(Buffer.from(each, 'latin1')))
  const column =
    Buffer.from(lines[line] ?? '', 'latin1')
      .toString()
      .indexOf('\uFFFD') + 1
  return {
    code: 'inventory-encoding',
    at: `${file}:${line + 1}:${column}`,
    found: 'not a text in UTF-8',
    why: 'keel reads only UTF-8, and would read other letters in another encoding',
    todo: 'save the file as UTF-8',
  }
}
