/**
 * What a Flatcar machine can't have, and why. An inventory that asks for it is refused where it does
 * (src/inventory/check/check-flatcar.ts).
 */

/** Paths under which the inventory can put no file. */
export const closedPaths: readonly (readonly [path: string, reason: string])[] = [
  ['/usr', '/usr is the image of the system: it is mounted read-only, and each update brings another one'],
  ['/bin', 'it is a link into /usr, which is mounted read-only'],
  ['/sbin', 'it is a link into /usr, which is mounted read-only'],
  ['/lib', 'it is a link into /usr, which is mounted read-only'],
  ['/lib64', 'it is a link into /usr, which is mounted read-only'],
  ['/boot', "it is the boot partition, which Flatcar's updates write"],
  ['/etc/extensions/k3s.raw', 'keel links the extension that brings k3s there'],
  ['/opt/extensions/k3s', 'keel keeps the images of k3s there'],
  ['/etc/apt', 'there is no package manager that would read it'],
]

/**
 * Users and groups that are there at first boot. Ignition can give a file to no other by name, and a machine whose
 * Ignition fails does not boot.
 */
export const knownUsers: readonly string[] = ['root', 'core']
export const knownGroups: readonly string[] = ['root', 'core', 'wheel', 'sudo', 'docker', 'systemd-journal']

/** Users whom Ignition can give the admins' keys, and who can become root without a password. */
export const logins: readonly string[] = ['core', 'root']

/** Reboots are the cluster's to decide, whatever else is in this file. */
export const updateSettings = { path: '/etc/flatcar/update.conf', line: 'REBOOT_STRATEGY=off' } as const
