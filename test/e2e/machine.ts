import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { execa } from 'execa'

/** What a lab must leave as it found it. */
export interface Machine {
  readonly interfaces: readonly string[]
  readonly routes: readonly string[]
  readonly namespaces: readonly string[]
  readonly cgroups: readonly string[]
  readonly mounts: readonly string[]
  readonly sysctls: Readonly<Record<string, string>>
}

/** Values that change by themselves, whatever a lab does. */
const volatile =
  /^(?:fs\.(?:aio-nr|dentry-state|file-nr|inode-nr|inode-state|quota\..*|mount-nr)|kernel\.(?:random\..*|ns_last_pid|pty\.nr|tainted)|net\.netfilter\.nf_conntrack_count|.*\.(?:flush|drop_caches|compact_memory))$/

/** Where the tests mount that run beside this one. Of a lab, there are only its root and Ignition's, while they are made. */
const ofOtherTests = new RegExp(`^${tmpdir()}/keel-(?!lab-|ignition-)`)

/** The machine now; what belongs to labs of other names (somebody may be using one) is left out. */
export async function machineNow(mayBe: (lab: string) => boolean): Promise<Machine> {
  const own = (name: string) => !/^keel[.-]/.test(name) || mayBe(name.replace(/^keel[.-]/, '').split('.')[0] ?? '')
  const lines = async (...argv: [string, ...string[]]) => {
    const [program, ...args] = argv
    return (await execa(program, args)).stdout.split('\n').filter(Boolean)
  }
  const [links, routes, namespaces] = await Promise.all([
    lines('ip', '-oneline', 'link'),
    lines('ip', 'route'),
    lines('ip', 'netns', 'list'),
  ])
  return {
    interfaces: links.map((line) => line.split(/:? +/)[1]?.replace(/@.*/, '') ?? '').filter(own),
    routes: routes.filter((line) => own(/dev (\S+)/.exec(line)?.[1] ?? '')),
    namespaces: namespaces
      .map((line) => line.split(' ')[0] ?? '')
      .filter(own)
      .sort(),
    cgroups: readdirSync('/sys/fs/cgroup', { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) =>
        readdirSync(`/sys/fs/cgroup/${name}`, { withFileTypes: true }).flatMap((entry) =>
          entry.isDirectory() && own(entry.name) ? [`${name}/${entry.name}`] : [],
        ),
      )
      .sort(),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      // `ip netns add` makes /run/netns a mount point for good when first used
      .filter((path) => path !== '' && path !== '/run/netns' && own(path.split('/').at(-1) ?? ''))
      .filter((path) => !ofOtherTests.test(path))
      .sort(),
    sysctls: sysctlsUnder('/proc/sys'),
  }
}

/** What was not there before, with `+`, what is gone, with `-`, and sysctls that differ. */
export function changesOf(before: Machine, after: Machine): readonly string[] {
  const kinds = ['interfaces', 'routes', 'namespaces', 'cgroups', 'mounts'] as const
  return [
    ...kinds.flatMap((kind) => [
      ...without(after[kind], before[kind]).map((one) => `+ ${kind} ${one}`),
      ...without(before[kind], after[kind]).map((one) => `- ${kind} ${one}`),
    ]),
    ...changedSysctls(before, after),
  ]
}

/** A path that is twice in `all` and once in `less` is there once more. */
function without(all: readonly string[], less: readonly string[]): readonly string[] {
  const left = [...less]
  return all.filter((one) => {
    const at = left.indexOf(one)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

/** Sysctls that `before` and `after` both know and that differ; an interface's own come and go with it. */
function changedSysctls(before: Machine, after: Machine): readonly string[] {
  return Object.entries(before.sysctls).flatMap(([key, value]) =>
    key in after.sysctls && after.sysctls[key] !== value ? [`${key}: ${value} → ${after.sysctls[key]}`] : [],
  )
}

function sysctlsUnder(directory: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => {
      if (!entry.isFile()) return []
      const path = `${entry.parentPath}/${entry.name}`
      const key = path.slice('/proc/sys/'.length).replaceAll('/', '.')
      if (volatile.test(key)) return []
      try {
        return [[key, readFileSync(path, 'utf8').trim()]]
      } catch {
        // some are write-only, some have no value until a device has one
        return []
      }
    }),
  )
}
