/** What the image of a container means on a host: an installed program, or a package of Debian. */
export type Image = { readonly kind: 'program'; readonly path: string } | PackageImage

export interface PackageImage {
  readonly kind: 'package'
  /** The repository that it has to come from; absent: any. */
  readonly repository?: string
  readonly name: string
  /** Absent: the newest one. */
  readonly version?: string
}

/** Debian policy 5.6.1 (Package) and 5.6.12 (Version). */
const PACKAGE = /^[a-z0-9][a-z0-9+.-]{1,99}$/
const VERSION = /^(?:\d{1,9}:)?\d[A-Za-z0-9.+~-]{0,99}$/
const REPOSITORY = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/

/**
 * `uptimed`, `debian/uptimed:0.4.6-1`, `exec:/usr/bin/uptimed`. The tag `latest` is no version: tools add it.
 * @returns undefined for anything else, as an image of a registry (`docker.io/library/nginx`)
 */
export function imageOf(text: string): Image | undefined {
  if (text.startsWith('exec:')) {
    const path = text.slice('exec:'.length)
    return isProgram(path) ? { kind: 'program', path } : undefined
  }
  const [, repository, name = '', version] = /^(?:([^/:]+)\/)?([^/:]+)(?::([^/]+))?$/.exec(text) ?? []
  if (!PACKAGE.test(name)) return undefined
  if (repository !== undefined && !REPOSITORY.test(repository)) return undefined
  if (version !== undefined && version !== 'latest' && !VERSION.test(version)) return undefined
  return {
    kind: 'package',
    ...(repository === undefined ? {} : { repository }),
    name,
    ...(version === undefined || version === 'latest' ? {} : { version }),
  }
}

/** A plain path, so that nothing of it has to be escaped anywhere. */
function isProgram(path: string): boolean {
  return path.length < 256 && /^(?:\/[A-Za-z0-9_+@.,-]+)+$/.test(path) && !/\/\.\.?(\/|$)/.test(path)
}
