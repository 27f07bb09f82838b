import { posix } from 'node:path'
import { ExitCode, KeelError } from '../../errors.ts'
import { quote } from '../names.ts'
import { reasonOfOwner, withoutAlias } from './owned-paths.ts'

/**
 * An absolute, clean path of a file that the inventory may put on a host. If the path has two names (/lib/x,
 * /usr/lib/x), keel checks both.
 * @throws KeelError `file-path` (not absolute or not clean) or `file-owned` (exit 2).
 */
export function parseHostFilePath(text: string): string {
  parseCleanPath(text)
  const reason = reasonOfOwner(withoutAlias(text))
  if (reason !== undefined) throw refused('file-owned', `${quote(text)} cannot be a file of the inventory`, reason)
  return text
}

/** An absolute path in the form that the kernel prints. @throws KeelError `file-path` (exit 2). */
export function parseCleanPath(text: string): string {
  if (!text.startsWith('/'))
    throw refused('file-path', `${quote(text)} is not an absolute path`, 'a path on the host starts with /')
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/u.test(text))
    throw refused('file-path', `${quote(text)} contains a control character`)
  if (posix.normalize(text) !== text || text.endsWith('/')) {
    throw refused(
      'file-path',
      `${quote(text)} is not a clean path`,
      'a path has no . or .. or empty part, and no / at its end',
      `write ${posix.resolve(text)}`,
    )
  }
  return text
}

/** `0644`: three or four octal digits, returned as four. @throws KeelError `file-mode` (exit 2). */
export function parseFileMode(text: string): string {
  if (!/^[0-7]{3,4}$/.test(text))
    throw refused('file-mode', `${quote(text)} is not a file mode`, 'a mode has three or four octal digits: 0644')
  return text.padStart(4, '0')
}

/** chown(2) uses the next number, 4294967295, for "do not change it". */
const MOST_OWNER = 4_294_967_294

/** A user or group by name or number, in the form that stat(1) prints. @throws KeelError `file-owner` (exit 2). */
export function parseFileOwner(text: string): string {
  const isNumber = /^(0|[1-9]\d{0,9})$/.test(text) && Number(text) <= MOST_OWNER
  if (!isNumber && !/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(text)) {
    throw refused(
      'file-owner',
      `${quote(text)} is not a user or group`,
      `use a name, or a number from 0 to ${MOST_OWNER}`,
    )
  }
  return text
}

/** @throws KeelError `manifest-name` (exit 2): k3s deploys *.yaml, *.yml and *.json of that folder. */
export function parseManifestName(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,200}\.(yaml|yml|json)$/.test(text)) {
    throw refused(
      'manifest-name',
      `${quote(text)} is not a file name for a manifest`,
      'the name has letters, digits and . _ -, and ends in .yaml, .yml or .json',
    )
  }
  return text
}

/** @throws KeelError `file-content` (exit 2). */
export function parseText(text: string): string {
  if (text.includes('\0')) throw refused('file-content', 'a text with a NUL byte', 'files of the inventory are texts')
  // half of a surrogate pair has no UTF-8 form, so the host would get another text
  if (!text.isWellFormed())
    throw refused('file-content', 'a text with half a letter (a lone surrogate)', 'UTF-8 cannot express it')
  return text
}

function refused(code: string, found: string, why?: string, todo?: string): KeelError {
  return new KeelError({
    code,
    found,
    ...(why === undefined ? {} : { why }),
    ...(todo === undefined ? {} : { todo }),
    exit: ExitCode.Usage,
  })
}
