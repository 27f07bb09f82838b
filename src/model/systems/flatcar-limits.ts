/**
 * What is not possible on a Flatcar machine, and why. keel refuses an inventory that asks for it
 * (src/inventory/check/check-flatcar.ts).
 */

/** Paths below which the inventory can put no file. */
export const closedPaths: readonly (readonly [path: string, reason: string])[] = [
  ['/usr', '/usr is the image of the system: it is mounted read-only, and each update replaces it'],
  ['/bin', 'it is a link into /usr, which is read-only'],
  ['/sbin', 'it is a link into /usr, which is read-only'],
  ['/lib', 'it is a link into /usr, which is read-only'],
  ['/lib64', 'it is a link into /usr, which is read-only'],
  ['/boot', "it is the boot partition, and only Flatcar's updates write to it"],
  ['/etc/extensions/k3s.raw', 'keel links the extension that brings k3s there'],
  ['/opt/extensions/k3s', 'keel keeps the images of k3s there'],
  ['/etc/apt', 'there is no package manager that would read it'],
]

/**
 * Users and groups that exist at first boot. Ignition knows no other names for the owner of a file. If Ignition fails,
 * the machine does not boot.
 */
export const knownUsers: readonly string[] = ['root', 'core']
export const knownGroups: readonly string[] = ['root', 'core', 'wheel', 'sudo', 'docker', 'systemd-journal']

/** Users to whom Ignition can give the keys of the admins, and who can become root without a password. */
export const logins: readonly string[] = ['core', 'root']

/** The cluster decides about reboots, whatever else this file contains. */
export const updateSettings = { path: '/etc/flatcar/update.conf', line: 'REBOOT_STRATEGY=off' } as const
