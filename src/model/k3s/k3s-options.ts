import { type K3sValue, ROLES, type Role } from '../cluster.ts'
import { quote } from '../names.ts'
import type { Issue } from '../schema/parsed.ts'
import { hint } from '../text/nearest.ts'
import { type Flag, flagOfAlias, k3sFlags, ownedFlag } from './k3s-flags.ts'
import { readOption } from './read-option.ts'

export interface CheckedOptions {
  readonly values: Readonly<Record<string, K3sValue>>
  readonly issues: readonly Issue[]
}

type Written = Readonly<Record<string, unknown>>
/** By option: a number, true or false, or the like in the form that its file has. */
type AsWritten = (name: string) => string | undefined
type Problem = Omit<Issue, 'path'>

/**
 * Options of hosts/cluster.ts. Servers or agents must know each of them. A host later gets the ones that its role
 * knows.
 */
export function checkClusterOptions(written: Written, asWritten: AsWritten): CheckedOptions {
  return checkAll(
    written,
    asWritten,
    (name) => k3sFlags.server.get(name) ?? k3sFlags.agent.get(name) ?? unknown(name, ROLES),
  )
}

/** Options of one host. Its role must know them, and none may be one that must be equal on all servers. */
export function checkHostOptions(written: Written, asWritten: AsWritten, role: Role): CheckedOptions {
  return checkAll(written, asWritten, (name) => {
    const flag = k3sFlags[role].get(name)
    if (flag?.matching === true) return onlyPerCluster(name)
    return flag ?? unknown(name, [role])
  })
}

function checkAll(written: Written, asWritten: AsWritten, find: (name: string) => Flag | Problem): CheckedOptions {
  const values: Record<string, K3sValue> = {}
  const issues: Issue[] = []
  for (const [name, value] of Object.entries(written)) {
    if (value === undefined) continue
    const flag = owned(name) ?? find(name)
    if (!('type' in flag)) {
      issues.push({ ...flag, path: [name], part: 'key' })
      continue
    }
    const read = readOption(flag, value, () => asWritten(name))
    if ('problems' in read)
      issues.push(...read.problems.map(({ path, ...problem }) => ({ ...problem, path: [name, ...path] })))
    else values[name] = read.value
  }
  return { values, issues }
}

function owned(name: string): Problem | undefined {
  const why = ownedFlag(name) ?? (flagOfAlias(name) && ownedFlag(flagOfAlias(name) ?? ''))
  return why ? { code: 'k3s-owned', found: `${quote(name)} cannot be set in the inventory`, why } : undefined
}

function unknown(name: string, roles: readonly Role[]): Problem {
  const full = flagOfAlias(name)
  if (full !== undefined) {
    return {
      code: 'k3s-alias',
      found: `${quote(name)} is the short form of an option`,
      why: 'keel accepts only one name for each option',
      todo: `write '${full}'`,
    }
  }
  const elsewhere = ROLES.find((role) => !roles.includes(role) && k3sFlags[role].has(name))
  if (elsewhere !== undefined) {
    const why = `only \`k3s ${elsewhere}\` knows it; \`k3s ${roles.join('')}\` would not start`
    return {
      code: 'k3s-role',
      found: `${quote(name)} is not an option for the role of this host`,
      why,
      todo: 'move it to hosts/cluster: each host gets the options of its role',
    }
  }
  const known = roles.flatMap((role) => [...k3sFlags[role].keys()].filter((key) => ownedFlag(key) === undefined))
  const meant = hint(name, new Set(known))
  const why = 'k3s agent exits because of an option that it does not know; k3s server ignores it'
  return {
    code: 'k3s-unknown',
    found: `k3s has no option ${quote(name)}`,
    why,
    ...(meant === undefined ? {} : { todo: meant }),
  }
}

function onlyPerCluster(name: string): Problem {
  return {
    code: 'k3s-matching',
    found: `${quote(name)} can't differ between hosts`,
    why: 'all servers need the same value to form one cluster',
    todo: 'move it to `k3s` in hosts/cluster',
  }
}
