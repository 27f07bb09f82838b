/** What a container has without a word, as with containerd (pkg/oci, defaultUnixCaps), but for device nodes. */
const DEFAULT = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
] as const

/** What it can have besides: each is a power over the host, but none leads out of the unit's sandbox. */
const GRANTED = [
  'IPC_LOCK',
  'LEASE',
  'NET_ADMIN',
  'NET_BROADCAST',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'WAKE_ALARM',
]

/** Their numbers in the kernel (linux/capability.h). */
export const CAPABILITY_NUMBERS: Readonly<Record<string, number>> = {
  CHOWN: 0,
  DAC_OVERRIDE: 1,
  FOWNER: 3,
  FSETID: 4,
  KILL: 5,
  SETGID: 6,
  SETUID: 7,
  SETPCAP: 8,
  NET_BIND_SERVICE: 10,
  NET_BROADCAST: 11,
  NET_ADMIN: 12,
  NET_RAW: 13,
  IPC_LOCK: 14,
  SYS_CHROOT: 18,
  SYS_NICE: 23,
  SYS_RESOURCE: 24,
  SYS_TIME: 25,
  LEASE: 28,
  AUDIT_WRITE: 29,
  SETFCAP: 31,
  WAKE_ALARM: 35,
}

/** In Kubernetes a name is with or without `CAP_`. */
function bare(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '')
}

/**
 * The capabilities of a container (capabilities(7)), sorted and without `CAP_`; or one that can't be had: with it,
 * a process leaves its sandbox, and is root on the host.
 */
export function capabilitiesOf(
  add: readonly string[],
  drop: readonly string[],
): readonly string[] | { refused: string } {
  const added = add.map(bare)
  const strange = added.find((name) => ![...DEFAULT, ...GRANTED].some((one) => one === name))
  if (strange !== undefined) return { refused: strange }
  const dropped = drop.map(bare)
  const kept = dropped.includes('ALL') ? [] : DEFAULT.filter((name) => !dropped.includes(name))
  return [...new Set([...kept, ...added])].toSorted()
}
