import { execa } from 'execa'
import type { LabHost } from './lab-host.ts'

/** The places to which a deploy may write. Logs and the state of systemd change by themselves. */
const places = ['etc', 'usr', 'root', 'home', 'opt', 'nix', 'var/lib/keel']

// also the folders above these places, because they change when one is created
const stagingPlace = /\/upper\/(var\/lib\/keel(\/.*)?|usr(\/local(\/lib(\/keel(\/.*)?)?)?)?)$/

/**
 * Paths on the disk of a host that were created or changed while `work` ran. If a path was removed, its folder is in
 * the list. The test reads ctime, which no program can set (inode(7)), from outside.
 * @param options.data whether to include the data of k3s (default: true); only useful while k3s does not run
 * @param options.staging false: without the places of staged files, which nothing uses
 */
export async function touchedDuring(
  hosts: readonly LabHost[],
  work: () => Promise<unknown>,
  options: { readonly data?: boolean; readonly staging?: boolean } = {},
): Promise<readonly string[]> {
  const since = `@${(Date.now() / 1000).toFixed(3)}`
  await work()
  const found = await Promise.all(
    hosts.map(async ({ name, paths }) => {
      const folders = [
        ...places.map((place) => `${paths.upper}/${place}`),
        ...(options.data === false ? [] : [`${paths.disks}/rancher`]),
      ]
      const { stdout } = await execa('find', [...folders, '-newerct', since], { reject: false })
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => `${name}: ${line.replace(paths.directory, '')}`)
    }),
  )
  return found.flat().filter((line) => options.staging !== false || !stagingPlace.test(line))
}
