import type { Image } from './image-name.ts'

/** What of the inventory a host may install and run as a container. */
export interface AllowList {
  /** Names of packages; `*` is any number of characters: `postgresql-*`. */
  readonly packages: readonly string[]
  /** Repositories of the inventory, by name. A package without one comes from any of them. */
  readonly repositories: readonly string[]
  /** Programs of `exec:` images; `*` as above, but no `/`. */
  readonly programs: readonly string[]
}

/**
 * Installing a package is root's power over the host: its scripts run as root. So nothing is allowed that the inventory
 * does not name.
 * @returns why an image is not allowed: for `ErrImagePull`; undefined where it is
 */
export function whyNotAllowed(image: Image, { packages, repositories, programs }: AllowList): string | undefined {
  if (image.kind === 'program')
    return programs.some((one) => fits(image.path, one, '[^/]*'))
      ? undefined
      : `the inventory does not allow the program ${image.path} on this host: name it in systemdKubelet.programs`
  if (!packages.some((one) => fits(image.name, one, '.*')))
    return `the inventory does not allow the package ${image.name} on this host: name it in systemdKubelet.packages`
  if (image.repository !== undefined && !repositories.includes(image.repository))
    return `the inventory has no repository ${image.repository} for this host: add it to systemdKubelet.repositories`
  return undefined
}

function fits(text: string, pattern: string, any: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join(any)}$`, 's').test(text)
}
