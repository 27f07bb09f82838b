import type { Role } from '../model/cluster.ts'

/** Which token of k3s a file contains, guessed from its name; undefined: none. */
export function tokenOf(file: string): Role | undefined {
  const name = nameOf(file)
  if (/^k3s[-_.]?(server[-_.]?)?token$/.test(name)) return 'server'
  return /^k3s[-_.]?(agent|node|worker)[-_.]?token$/.test(name) ? 'agent' : undefined
}

/** `secrets/k3s-server-token.age` → `k3s-server-token`. */
export function nameOf(file: string): string {
  return file.replace(/^.*\//, '').replace(/\.age$/, '')
}
