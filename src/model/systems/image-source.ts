import { ExitCode, KeelError } from '../../errors.ts'
import { isPathBelowInventory } from '../host-paths/path-below-inventory.ts'
import { quote } from '../names.ts'

/**
 * The folder from which hosts download images. Only characters of a path, because it goes into a file of settings of
 * systemd, where a backslash at the end would join two lines.
 * @throws KeelError `images-url` (exit 2)
 */
export function parseImagesUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:') throw refusedUrl(quote(text), 'hosts download images from an https: URL')
  if (url.username !== '' || url.password !== '')
    throw refusedUrl('the URL', 'the inventory must not contain a password')
  if (/[?#]/.test(text)) throw refusedUrl('a URL with ? or #', 'systemd-sysupdate adds the names of files to its end')
  if (!/^https:\/\/[A-Za-z0-9.:[\]-]+(\/[A-Za-z0-9._~!$&()*+,;=:@%-]*)*$/.test(text))
    throw refusedUrl(quote(text), 'other characters of a path have the form %20')
  return text
}

/** @throws KeelError `image-key` (exit 2) */
export function parseKeyFile(text: string): string {
  if (isPathBelowInventory(text)) return text
  throw new KeelError({
    code: 'image-key',
    found: `${quote(text)} can't be the file of a public key`,
    why: 'the path of a file is below the inventory: keys/images.asc',
    exit: ExitCode.Usage,
  })
}

function refusedUrl(what: string, why: string): KeelError {
  return new KeelError({
    code: 'images-url',
    found: `${what} can't be the address of images`,
    why,
    exit: ExitCode.Usage,
  })
}
