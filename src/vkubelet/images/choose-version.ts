import type { AptPolicy, Offer } from './apt-policy.ts'
import type { PackageImage } from './image-name.ts'

export interface KnownRepository {
  readonly name: string
  readonly uris: readonly string[]
}

/** The mirrors that the host itself has; no repository of the inventory has this name. */
const SYSTEM = 'debian'

/** The version to install, or why there is none, in words for the Event. */
export type Choice =
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'none'; readonly message: string }

/**
 * Which version an image means. A version is only taken from the repository that the image names: if another one has the
 * same version too, nobody could tell which of them apt would take.
 * @param policy undefined: apt knows no such package
 */
export function chooseVersion(
  { name, version, repository }: PackageImage,
  policy: AptPolicy | undefined,
  repositories: readonly KnownRepository[],
): Choice {
  if (policy === undefined || policy.offers.length === 0) return none(`no repository has a package ${name}`)
  const named = version === undefined ? policy.offers : policy.offers.filter((one) => one.version === version)
  if (named.length === 0) return none(`no repository has version ${version} of ${name}, only ${listed(policy.offers)}`)
  if (repository === undefined) {
    const found = version ?? policy.candidate
    return found === undefined ? none(`apt would install no version of ${name}`) : { kind: 'version', version: found }
  }
  const found = named.find(({ uris }) => uris.some((uri) => ownerOf(uri, repositories) === repository))
  if (found === undefined)
    return none(`the repository ${repository} does not have ${named === policy.offers ? name : `${name} ${version}`}`)
  const others = found.uris.map((uri) => ownerOf(uri, repositories)).filter((one) => one !== repository)
  if (others.length > 0)
    return none(`${name} ${found.version} is in ${repository} and in ${others[0]}, and apt does not tell them apart`)
  return { kind: 'version', version: found.version }
}

function ownerOf(uri: string, repositories: readonly KnownRepository[]): string {
  const plain = (text: string) => text.replace(/\/+$/, '')
  return repositories.find(({ uris }) => uris.some((one) => plain(one) === plain(uri)))?.name ?? SYSTEM
}

function listed(offers: readonly Offer[]): string {
  return offers
    .slice(0, 3)
    .map(({ version }) => version)
    .join(', ')
}

function none(message: string): Choice {
  return { kind: 'none', message }
}
