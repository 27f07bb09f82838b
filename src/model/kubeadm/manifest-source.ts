import { ExitCode, KeelError } from '../../errors.ts'
import { quote } from '../names.ts'

/**
 * Where a manifest comes from: an `https:` URL, or a file of the inventory.
 * @throws KeelError `manifest-source` (exit 2)
 */
export function parseManifestSource(text: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url?.protocol !== 'https:')
      throw refused(quote(text), 'a manifest comes from a file of the inventory or an https: URL')
    if (url.username !== '' || url.password !== '')
      throw refused('the URL', 'the inventory must not contain a password')
    return text
  }
  const isBelow = /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/.test(text) && !text.split('/').includes('..')
  if (!isBelow) throw refused(quote(text), 'the path of a file is below the inventory: manifests/calico.yaml')
  return text
}

function refused(what: string, why: string): KeelError {
  return new KeelError({
    code: 'manifest-source',
    found: `${what} can't be the source of a manifest`,
    why,
    exit: ExitCode.Usage,
  })
}
