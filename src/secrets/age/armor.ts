import { BadAgeFile } from './header.ts'

/**
 * ASCII armor (C2SP age specification, "ASCII armor"): strict PEM without headers. The specification lets readers skip
 * white space around it. Like the reference implementation, this one skips only whole lines of it, at most a kilobyte.
 */
const START = /^(?:[ \t\v\f\r]*\n)*-----BEGIN AGE ENCRYPTED FILE-----\r?\n/
const END = /-----END AGE ENCRYPTED FILE-----\r?(?:\n[ \t\v\f\r\n]{0,1023})?$/
const MOST_WHITE_SPACE = 1024
const COLUMNS = 64

export function isArmored(file: Uint8Array): boolean {
  return startOf(file) > 0
}

/** The binary file; returns a file without armor unchanged. @throws BadAgeFile */
export function dearmor(file: Uint8Array): Uint8Array {
  const start = startOf(file)
  if (start === 0) return file
  const text = Buffer.from(file.buffer, file.byteOffset, file.byteLength).toString('latin1', start)
  const end = text.search(END)
  const lines = end < 0 ? [] : text.slice(0, end).split(/\r?\n/)
  // after the end of the last line
  const last = lines.pop()
  const base64 = lines.join('')
  const bytes = Buffer.from(base64, 'base64')
  const isWhole = ({ length }: string, index: number) =>
    index === lines.length - 1 ? length > 0 && length <= COLUMNS : length === COLUMNS
  // only one form is valid: with padding, and without stray bits
  if (last !== '' || !lines.every(isWhole) || bytes.toString('base64') !== base64)
    throw new BadAgeFile('has damaged ASCII armor')
  return bytes
}

/** Where the first line after the head of the armor starts; 0: there is none. */
function startOf(file: Uint8Array): number {
  const head = Buffer.from(file.buffer, file.byteOffset, Math.min(file.length, MOST_WHITE_SPACE + 50)).toString(
    'latin1',
  )
  return START.exec(head)?.[0].length ?? 0
}
