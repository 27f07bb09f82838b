import { ExitCode, KeelError } from '../errors.ts'
import type { Role } from '../model/cluster.ts'

/**
 * What a host of the lab is meant for. A `spare` is booted and belongs to no inventory yet: `keel add-node` takes it.
 */
export type LabRole = Role | 'spare'
export type HostCounts = Readonly<Record<LabRole, number>>

export const defaultLabName = 'default'

/** Node IPs are .11 to .250 of a /24, and Pod networks 10.42.1 to .240: more than one machine can carry anyway. */
export const maxHosts = 240

/**
 * Linux caps an interface's name at 15 characters (IFNAMSIZ, 16 with the NUL), and `keel-` takes five of them. No dots:
 * they part the lab's name from the host's in the names of namespaces and cgroups, so that no lab's prefix is
 * another's.
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

/** Hosts in the order in which they get their addresses: server-1 …, agent-1 …, spare-1 …. */
export function hostsOf(counts: HostCounts): readonly { readonly name: string; readonly role: LabRole }[] {
  const roles: readonly LabRole[] = ['server', 'agent', 'spare']
  return roles.flatMap((role) => Array.from({ length: counts[role] }, (_, index) => ({ name: `${role}-${index + 1}`, role })))
}

/** The machine's end of the one cable into the lab: an interface in the root network namespace. */
export const machineInterface = (lab: string): string => `keel-${lab}`
/** The network namespace of the lab's switch. */
export const switchNamespace = (lab: string): string => `keel.${lab}`
/** A host's network namespace, and its cgroup in every hierarchy. */
export const hostNamespace = (lab: string, host: string): string => `keel.${lab}.${host}`
/**
 * Does a namespace or cgroup of this name belong to the lab? True without any record of the lab: what `down` goes by
 * after a crash.
 */
export const isOfLab = (lab: string, name: string): boolean => name === switchNamespace(lab) || name.startsWith(`keel.${lab}.`)
