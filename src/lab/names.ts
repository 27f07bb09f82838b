import { ExitCode, KeelError } from '../errors.ts'
import { ROLES } from '../model/cluster.ts'

/** The purpose of a host of the lab. A `spare` is booted, but is not in an inventory yet: `keel add-node` adds it. */
export const LAB_ROLES = [...ROLES, 'spare'] as const
export type LabRole = (typeof LAB_ROLES)[number]
export type HostCounts = Readonly<Record<LabRole, number>>

export const defaultLabName = 'default'

/** Node IPs are .11 to .250 of a /24, and Pod networks 10.42.1 to .240. A machine cannot run so many hosts anyway. */
export const maxHosts = 240

/**
 * Linux limits the name of an interface to 15 characters (IFNAMSIZ is 16 with the NUL), and `keel-` needs five of them.
 * A name may contain no dot: in the names of namespaces and cgroups, a dot separates the lab from the host, so that the
 * prefix of one lab never matches another lab.
 * @throws KeelError `lab-name` (exit 2)
 */
export function checkLabName(name: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,8}[a-z0-9])?$/.test(name)) return name
  throw new KeelError({
    code: 'lab-name',
    found: `the lab's name is ${JSON.stringify(name)}`,
    why: 'it becomes part of an interface name: 1 to 10 of a-z, 0-9 and -, no - at its ends',
    todo: 'choose another --name',
    exit: ExitCode.Usage,
  })
}

/** The hosts in the order in which they get their addresses: server-1 …, agent-1 …, spare-1 …. */
export function hostsOf(counts: HostCounts): readonly { readonly name: string; readonly role: LabRole }[] {
  return LAB_ROLES.flatMap((role) =>
    Array.from({ length: counts[role] }, (_, index) => ({ name: `${role}-${index + 1}`, role })),
  )
}

/** The machine's end of the one cable into the lab: an interface in the root network namespace. */
export const machineInterface = (lab: string): string => `keel-${lab}`
/** The network namespace of the lab's switch. */
export const switchNamespace = (lab: string): string => `keel.${lab}`
/** The network namespace of a host, and its cgroup in every hierarchy. */
export const hostNamespace = (lab: string, host: string): string => `keel.${lab}.${host}`
/**
 * Whether a namespace or cgroup with this name belongs to the lab. This needs no record of the lab, so `down` works
 * after a crash.
 */
export const isOfLab = (lab: string, name: string): boolean =>
  name === switchNamespace(lab) || name.startsWith(`keel.${lab}.`)
