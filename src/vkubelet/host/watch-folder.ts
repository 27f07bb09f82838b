import { watch } from 'node:fs'

/**
 * Tells of each change of the names and files in a folder (inotify(7)), until `signal`.
 * @returns whether the system tells of them: not where the folder is missing, nor beyond fs.inotify.max_user_instances
 */
export function watchFolder(path: string, changed: () => void, signal: AbortSignal): boolean {
  try {
    // the watch ends with an error where its folder goes, and who looks anyway looks later
    watch(path, { signal, persistent: false }, changed).on('error', changed)
    return true
  } catch {
    return false
  }
}
