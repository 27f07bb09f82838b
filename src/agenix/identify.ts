import { isPlaceholder, type KeyName, nameOfKey } from './name-of-key.ts'
import { type AgenixRepository, keyWords, type NamedKey, placeOf } from './rules.ts'

/** The owner of a key, as far as a repository shows it. */
export interface Identified {
  /** Valid in an inventory, and unique. */
  readonly name: string
  /** As the repository writes it: `HX99G`. */
  readonly written: string
  /** The place from which the name comes; undefined if keel invented it. */
  readonly from: string | undefined
  readonly machine: boolean
  /** The repository does not show whether it is a machine or a person. */
  readonly unclear: boolean
  /** `--host` names it as a machine of the cluster. */
  readonly told: boolean
}

/** A host in the form of `--host`. */
export interface Told {
  readonly name: string
  readonly hostKey?: string
}

/** Host names that many machines have before somebody gives them one. */
const NOBODYS_NAME =
  /^(nixos|nixos-installer|installer|localhost|localhost\..*|debian|ubuntu|archiso|raspberrypi|\(none\))$/i

interface Candidate {
  readonly name: string
  readonly from: string
}

/**
 * A key belongs to a machine if it is in a set, list or folder of machines (`systems`, `hosts/…`), if it has the name
 * of a host key, if it belongs to a machine that the repository configures, or if its comment is `root@…`. Its name is
 * that of the attribute or file that contains it, else the one in its comment.
 * @param taken names that are already used; the new name is added
 */
export function identify(
  text: string,
  { names, machines }: AgenixRepository,
  told: readonly Told[],
  taken: Set<string>,
): Identified {
  const key = keyWords(text)
  const [, , comment = ''] = text.trim().split(/\s+/)
  const [user = '', host = ''] = comment.split('@')
  const places = names
    .filter((named) => keyWords(named.key) === key)
    .map((named) => ({ ...nameOfKey(named), place: named }))
  const candidates = candidatesOf(places)
  const toldByKey = told.find(({ hostKey }) => hostKey !== undefined && keyWords(hostKey) === key)
  const toldByName = candidates
    .map(({ name }) => told.find((each) => each.name === fitting(name)))
    .find((each) => each !== undefined)
  const isTold = toldByKey ?? toldByName
  const isPerson = places.some(({ person }) => person)
  const isMachine =
    places.some(({ machine }) => machine) || user === 'root' || candidates.some(({ name }) => machines.has(name))
  const machine = isTold !== undefined || (isMachine && !isPerson)
  const ofComment: readonly Candidate[] = [machine ? host : user]
    .filter((name) => name !== '' && !(machine && NOBODYS_NAME.test(name)))
    .map((name) => ({ name, from: `its comment ${comment}` }))
  const firm = [...candidates.filter(({ name }) => !isPlaceholder(name)), ...ofComment]
  const found: Candidate | undefined =
    toldByKey !== undefined ? { name: toldByKey.name, from: '--host' } : [...firm, ...candidates][0]
  const written = found?.name ?? ''
  const wished = fitting(written)
  // a machine has one key in an inventory; a second key (rsa beside ed25519) is not a second machine
  const second = machine && wished !== '' && taken.has(wished)
  const name = wished === '' ? made(machine ? 'host' : 'key', taken) : unused(wished, taken)
  return {
    name,
    written,
    from: found?.from,
    machine: machine && !second,
    unclear: second || (!machine && !isPerson),
    told: isTold !== undefined && !second,
  }
}

/** Attributes come first, and before them those in a set of machines or people. */
function candidatesOf(places: readonly (KeyName & { readonly place: NamedKey })[]): readonly Candidate[] {
  const order = ({ place, machine, person }: (typeof places)[number]) =>
    (place.place === 'let' ? 0 : 2) + (machine || person ? 0 : 1)
  return places
    .toSorted((a, b) => order(a) - order(b))
    .flatMap(({ name, place }) => (name === undefined ? [] : [{ name, from: placeOf(place) }]))
}

function fitting(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .slice(0, 63)
    .replace(/^[-.]+|[-.]+$/g, '')
}

function unused(name: string, taken: Set<string>): string {
  let free = name
  for (let count = 2; taken.has(free); count++) free = `${name}-${count}`
  taken.add(free)
  return free
}

function made(stem: string, taken: Set<string>): string {
  let count = 1
  while (taken.has(`${stem}-${count}`)) count++
  return unused(`${stem}-${count}`, taken)
}
