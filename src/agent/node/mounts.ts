export interface Mount {
  readonly mount: string
  readonly type: string
}

/**
 * The file systems that are on a disk, each at its shortest path (proc_pid_mountinfo(5)). The root is among them,
 * whatever it is on.
 */
export function mountsOf(mountinfo: string): readonly Mount[] {
  const found = new Map<string, Mount>()
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const [, , device, , path] = before.split(' ')
    const [type, source = ''] = after.split(' ')
    if (device === undefined || path === undefined || type === undefined) continue
    const mount = path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    if (mount !== '/' && !source.startsWith('/dev/')) continue
    const known = found.get(device)
    if (known === undefined || mount.length < known.mount.length) found.set(device, { mount, type })
  }
  return [...found.values()].toSorted((one, other) => (one.mount < other.mount ? -1 : 1))
}
