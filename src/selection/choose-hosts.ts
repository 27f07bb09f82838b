import { ExitCode, type Fault, FaultsError } from '../errors.ts'
import { type Host, ROLES } from '../model/cluster.ts'
import { quote } from '../model/names.ts'
import { hint, nearest } from '../model/text/nearest.ts'
import { globMatcher, isGlob, MOST_PATTERN_CHARACTERS } from './glob.ts'

/** Which hosts of an inventory a command is about, as the user wrote it. */
export interface HostChoice {
  /** Names and globs. None: all hosts. */
  readonly names: readonly string[]
  readonly role?: string
  /** A host needs one of them. None: any host. */
  readonly tags: readonly string[]
  /** Names and globs of hosts to leave out. */
  readonly except: readonly string[]
}

/** Names that a message repeats as options. */
const MOST_WRITTEN = 8

type Chosen = Pick<Host, 'name' | 'role' | 'tags'>

/** One condition, and the hosts that meet it. */
interface Condition<One> {
  readonly written: string
  readonly met: readonly One[]
  readonly faults: readonly Fault[]
}

/**
 * Hosts that are named (or all), have the role and one of the tags, and are not excepted; in the order of the
 * inventory.
 * @throws FaultsError (exit 2) with every name, pattern, role and tag that no host has, with every exception that
 *   leaves out nothing, or if no host is left
 */
export function chooseHosts<One extends Chosen>(all: readonly One[], choice: HostChoice): readonly One[] {
  const { names, role, tags, except } = choice
  const conditions = [
    ...(names.length === 0 ? [] : [named(all, names)]),
    ...(role === undefined ? [] : [ofRole(all, role)]),
    ...(tags.length === 0 ? [] : [tagged(all, tags)]),
  ]
  const left = named(all, except, '--except')
  const faults = [...conditions, left].flatMap((condition) => condition.faults)
  if (faults.length > 0) throw new FaultsError(faults, ExitCode.Usage)
  const out = new Set(left.met)
  const inAll = conditions.map(({ met }) => new Set(met))
  const before = all.filter((host) => inAll.every((met) => met.has(host)))
  const idle = before.length === 0 ? [] : [...idleExceptions(before, choice), ...repeatedNames(choice)]
  if (idle.length > 0) throw new FaultsError(idle, ExitCode.Usage)
  const chosen = before.filter((host) => !out.has(host))
  if (chosen.length === 0 && all.length > 0) throw new FaultsError([nobodyLeft(conditions, left)], ExitCode.Usage)
  return chosen
}

/** The one host of this name; a pattern is none. @throws FaultsError (exit 2) */
export function chooseHost<One extends Chosen>(all: readonly One[], name: string): One {
  const host = all.find((one) => one.name === name)
  if (host !== undefined) return host
  const known = all.map((one) => one.name as string)
  throw new FaultsError([unknownHost(name, known)], ExitCode.Usage)
}

function named<One extends Chosen>(all: readonly One[], patterns: readonly string[], at?: string): Condition<One> {
  const known = all.map(({ name }) => name as string)
  const met = new Set<One>()
  const faults: Fault[] = []
  const place = at === undefined ? {} : { at }
  for (const pattern of patterns) {
    if (pattern.length > MOST_PATTERN_CHARACTERS) {
      faults.push({ code: 'usage', ...place, found: tooLong(pattern), todo: 'use a shorter one' })
      continue
    }
    const fits = matcher(pattern)
    const found = all.filter(({ name }) => fits(name))
    for (const host of found) met.add(host)
    if (found.length === 0) faults.push({ ...(isGlob(pattern) ? noMatch : unknownHost)(pattern, known), ...place })
  }
  return { written: [...(at === undefined ? [] : [at]), ...patterns].join(' '), met: [...met], faults }
}

function matcher(pattern: string): (name: string) => boolean {
  return isGlob(pattern) ? globMatcher(pattern) : (name) => name === pattern
}

/**
 * `--except` takes one word. The shell replaces `--except [bd]*` with `--except bay dune`, and keel would choose dune:
 * a host that the user wanted to leave out.
 */
function idleExceptions(before: readonly Chosen[], { names, except }: HostChoice): readonly Fault[] {
  const idle = except.filter((pattern) => !before.map(({ name }) => name).some(matcher(pattern)))
  const all = [...except, ...names].map((word) => `--except ${isGlob(word) ? quote(word) : word}`)
  const wereMeant = names.length > 0 && names.length <= MOST_WRITTEN && !names.some(isGlob)
  const todo = wereMeant
    ? `to leave out each of them, write ${all.join(' ')}; if they are from a pattern, quote it`
    : 'remove it, or choose other hosts; quote patterns'
  return idle.map((pattern) => ({
    code: 'usage',
    found: `--except ${pattern} leaves out no host`,
    why: `the rest of the command line chooses ${listed(before.map(({ name }) => name))}`,
    todo,
  }))
}

/** `'*' --except [bd]*` becomes `'*' --except bay dune`, and `'*'` has chosen dune already. */
function repeatedNames({ names, except }: HostChoice): readonly Fault[] {
  if (except.length === 0) return []
  const globs = names.filter(isGlob)
  return names.flatMap((name): Fault[] => {
    const by = isGlob(name) ? undefined : globs.find((glob) => globMatcher(glob)(name))
    if (by === undefined) return []
    return [
      {
        code: 'usage',
        found: `${quote(by)} has chosen ${name} already`,
        why: '--except takes one word; a shell replaces a pattern without quotes with several',
        todo: `to leave it out, write --except ${name}, or quote the pattern; else remove ${name}`,
      },
    ]
  })
}

function tooLong(pattern: string): string {
  return `a name or pattern of ${pattern.length} characters; keel takes at most ${MOST_PATTERN_CHARACTERS}`
}

function unknownHost(name: string, known: readonly string[]): Fault {
  const meant = nearest(name, known)
  return {
    code: 'unknown-host',
    found: `no host ${name} in the inventory`,
    todo: meant === undefined ? `it has ${listed(known)}` : `did you mean ${meant}?`,
  }
}

function noMatch(pattern: string, known: readonly string[]): Fault {
  return { code: 'no-match', found: `no host matches ${quote(pattern)}`, todo: `the inventory has ${listed(known)}` }
}

function ofRole<One extends Chosen>(all: readonly One[], role: string): Condition<One> {
  const met = all.filter((host) => host.role === role)
  return { written: `--role ${role}`, met, faults: met.length > 0 ? [] : [noRole(role, all)] }
}

function noRole(role: string, all: readonly Chosen[]): Fault {
  if (!ROLES.some((known) => known === role)) {
    return { code: 'usage', at: '--role', found: `no role ${quote(role)}`, todo: `choose one of ${ROLES.join(', ')}` }
  }
  const roles = [...new Set(all.map((host) => host.role))]
  return {
    code: 'no-match',
    at: '--role',
    found: `no host is ${article(role)}`,
    todo: `use --role ${roles.join(', ')}`,
  }
}

function article(role: string): string {
  return role === 'agent' ? 'an agent' : `a ${role}`
}

function tagged<One extends Chosen>(all: readonly One[], tags: readonly string[]): Condition<One> {
  const known = [...new Set(all.flatMap((host) => host.tags))].toSorted()
  return {
    written: tags.map((tag) => `--tag ${tag}`).join(' '),
    met: all.filter((host) => host.tags.some((tag) => tags.includes(tag))),
    faults: tags.filter((tag) => !known.includes(tag)).map((tag) => unknownTag(tag, known)),
  }
}

function unknownTag(tag: string, known: readonly string[]): Fault {
  const todo =
    known.length === 0
      ? "no host has tags: add `tags: ['NAME']` to the file of a host"
      : (hint(tag, known) ?? `the tags are ${listed(known)}`)
  return { code: 'unknown-tag', at: '--tag', found: `no host has the tag ${quote(tag)}`, todo }
}

function nobodyLeft(conditions: readonly Condition<Chosen>[], left: Condition<Chosen>): Fault {
  const means = ({ written, met }: Condition<Chosen>) => `${written} means ${listed(met.map(({ name }) => name))}`
  return {
    code: 'no-match',
    found: 'no host meets all conditions',
    why: [...conditions, ...(left.met.length > 0 ? [left] : [])].map(means).join('; '),
    todo: 'leave out one of these conditions',
  }
}

function listed(names: readonly string[]): string {
  const most = 24
  return names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}
