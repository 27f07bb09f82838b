import type { HostFile } from '../model/cluster.ts'

/** A file of root's. */
export function rootFile(path: string, mode: string, content: string): HostFile {
  return { path, content, mode, owner: 'root', group: 'root' }
}
