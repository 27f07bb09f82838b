/** The folder of a process in one hierarchy of cgroups. */
export interface CgroupFolder {
  /** What counts and limits there (v1), in no order; of the one hierarchy of v2 it is empty. */
  readonly controllers: readonly string[]
  readonly folder: string
  /** The folder as /proc shows it, from the root of its hierarchy. */
  readonly path: string
}

/**
 * Where a process is in each hierarchy that is mounted (proc(5): /proc/PID/cgroup and /proc/PID/mountinfo).
 * @param cgroup of the process
 * @param mounts of the reader
 */
export function cgroupFolders(cgroup: string, mounts: string): readonly CgroupFolder[] {
  const all = mounts.split('\n').flatMap((line) => mountOf(line))
  return cgroup.split('\n').flatMap((line) => {
    const [, list = '', path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (path === '' || path.includes('/..')) return []
    const controllers = list === '' ? [] : list.split(',')
    const mount = all.find(({ options }) =>
      controllers.length === 0 ? options === undefined : controllers.every((one) => options?.has(one) === true),
    )
    if (mount === undefined) return []
    // in a container of a container, only a part of the hierarchy is mounted
    const isBelow = mount.root === '/' || path === mount.root || path.startsWith(`${mount.root}/`)
    if (!isBelow) return []
    const rest = mount.root === '/' ? path : path.slice(mount.root.length)
    return [{ controllers, path, folder: rest === '/' ? mount.point : `${mount.point}${rest}` }]
  })
}

interface CgroupMount {
  readonly root: string
  readonly point: string
  /** Undefined for v2. */
  readonly options?: ReadonlySet<string>
}

function mountOf(line: string): readonly CgroupMount[] {
  const [before = '', after = ''] = line.split(' - ', 2)
  const [, , , root = '', point = ''] = before.split(' ')
  const [type, , options = ''] = after.split(' ')
  if (type === 'cgroup2') return [{ root: unescaped(root), point: unescaped(point) }]
  return type === 'cgroup'
    ? [{ root: unescaped(root), point: unescaped(point), options: new Set(options.split(',')) }]
    : []
}

/** proc(5): space, tab, line break and backslash are octal. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
