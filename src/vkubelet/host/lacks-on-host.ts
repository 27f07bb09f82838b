import { stat } from 'node:fs/promises'
import type { Volume } from '../pod/volume.ts'

/** @returns why a path of the host can't be a volume now; undefined where it can */
export async function lacksOnHost({ path, type }: Volume & { kind: 'host' }): Promise<string | undefined> {
  if (type === 'DirectoryOrCreate') return undefined
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return `the host has no ${path}`
  if (type === 'Directory' && !found.isDirectory()) return `${path} on the host is no folder`
  if (type === 'File' && !found.isFile()) return `${path} on the host is no file`
  // a device or a socket would be a way out of the sandbox
  if (!found.isDirectory() && !found.isFile()) return `${path} on the host is neither a file nor a folder`
  return undefined
}
