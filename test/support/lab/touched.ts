import { execa } from 'execa'
import type { LabHost } from './lab-host.ts'

/** What a deploy may write to; logs and systemd's own state change by themselves. */
const places = ['etc', 'usr', 'root', 'home', 'opt', 'nix', 'var/lib/keel']

// the folders above it show where one of these is made
const stagingPlace = /\/upper\/(var\/lib\/keel(\/.*)?|usr(\/local(\/lib(\/keel(\/.*)?)?)?)?)$/

/**
 * Paths on a host's disk that were made, changed or taken away (their folder shows) while `work` ran. By ctime, which
 * no program can set (inode(7)), and read from outside.
 * @param options.data also k3s's own data (default): only where k3s does not run
 * @param options.staging false: without what is ready beside everything, and is in use by nothing
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
