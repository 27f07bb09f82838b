import type { WantedExtension } from '../../targets/rendered.ts'
import type { Operation } from '../operation.ts'

/**
 * Whether the content at a path changes: of a file (not its mode or owner alone), of a program, of a link, or of what an
 * extension's link makes appear in /usr.
 */
export function isNewContent(
  changes: readonly Operation[],
  path: string,
  extensions: readonly WantedExtension[],
): boolean {
  return changes.some((change) => {
    switch (change.op) {
      case 'write-file':
        return change.path === path && change.why !== 'mode' && change.why !== 'owner'
      case 'push-artifact':
        return change.path === path && change.why === 'content'
      case 'merge-extensions':
        return extensions.some(({ name, link }) => link === path && change.names.includes(name))
      default:
        return false
    }
  })
}
