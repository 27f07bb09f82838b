import type { K3sValue, Role } from './cluster.ts'
import { type Flag, flagOfAlias, k3sFlags, ownedFlag } from './k3s-flags.ts'
import { parseSecretName, quote } from './names.ts'
import { hint } from './nearest.ts'
import type { Issue } from './parsed.ts'
import { IN_CLEAR, isSecretRef } from './secret-ref.ts'
import { asBoolean, asNumber, describe, inQuotes, TRUE_OR_FALSE } from './written.ts'

export interface CheckedOptions {
  readonly values: Readonly<Record<string, K3sValue>>
  readonly issues: readonly Issue[]
}

type Written = Readonly<Record<string, unknown>>
/** A number or the like as its file has it, by its option. */
type AsWritten = (name: string) => string | undefined
type Problem = Omit<Issue, 'path'>

/** Options of hosts/cluster.ts: each must be known to servers or agents; a host later takes those that its role knows. */
export function checkClusterOptions(written: Written, asWritten: AsWritten): CheckedOptions {
  return checkAll(
    written,
    asWritten,
    (name) => k3sFlags.server.get(name) ?? k3sFlags.agent.get(name) ?? unknown(name, ['server', 'agent']),
  )
}

/** Options of one host: known to its role, and none that all servers must be given alike. */
export function checkHostOptions(written: Written, asWritten: AsWritten, role: Role): CheckedOptions {
  return checkAll(written, asWritten, (name) => {
    const flag = k3sFlags[role].get(name)
    if (flag?.matching === true) return onlyPerCluster(name)
    return flag ?? unknown(name, [role])
  })
}

/** Of a cluster's options those that `k3s server` or `k3s agent` knows: it ends at a key that it does not. */
export function optionsOfRole(values: Readonly<Record<string, K3sValue>>, role: Role): Record<string, K3sValue> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => k3sFlags[role].has(name)))
}

function checkAll(written: Written, asWritten: AsWritten, find: (name: string) => Flag | Problem): CheckedOptions {
  const values: Record<string, K3sValue> = {}
  const issues: Issue[] = []
  for (const [name, value] of Object.entries(written)) {
    if (value === undefined) continue
    const flag = owned(name) ?? find(name)
    const checked = 'type' in flag ? readValue(flag, value, () => asWritten(name)) : flag
    if (isProblem(checked)) issues.push({ ...checked, path: [name], ...('type' in flag ? {} : { part: 'key' as const }) })
    else values[name] = checked
  }
  return { values, issues }
}

function owned(name: string): Problem | undefined {
  const why = ownedFlag(name) ?? (flagOfAlias(name) && ownedFlag(flagOfAlias(name) ?? ''))
  return why ? { code: 'k3s-owned', found: `${quote(name)} is not the inventory's to set`, why } : undefined
}

function unknown(name: string, roles: readonly Role[]): Problem {
  const full = flagOfAlias(name)
  if (full !== undefined) {
    return {
      code: 'k3s-alias',
      found: `${quote(name)} is the short form of an option`,
      why: 'one option has one name here',
      todo: `write '${full}'`,
    }
  }
  const elsewhere = (['server', 'agent'] as const).find((role) => !roles.includes(role) && k3sFlags[role].has(name))
  if (elsewhere !== undefined) {
    const why = `only \`k3s ${elsewhere}\` knows it; \`k3s ${roles.join('')}\` would not start`
    return {
      code: 'k3s-role',
      found: `${quote(name)} is no option of this host's role`,
      why,
      todo: 'move it to hosts/cluster: each host takes what its role knows',
    }
  }
  const known = roles.flatMap((role) => [...k3sFlags[role].keys()].filter((key) => ownedFlag(key) === undefined))
  const meant = hint(name, new Set(known))
  const why = 'k3s ends at an option that it does not know'
  return { code: 'k3s-unknown', found: `k3s has no option ${quote(name)}`, why, ...(meant === undefined ? {} : { todo: meant }) }
}

function onlyPerCluster(name: string): Problem {
  return {
    code: 'k3s-matching',
    found: `${quote(name)} can't differ between hosts`,
    why: 'all servers must be given the same, or they do not form one cluster',
    todo: 'move it to `k3s` in hosts/cluster',
  }
}

/** config.yaml takes what the flag would: strict here, so that a typing error is not k3s's to guess. */
function readValue(flag: Flag, value: unknown, written: () => string | undefined): K3sValue | Problem {
  if (isSecretRef(value)) return flag.secret ? readReference(value.secret) : notSecret(flag)
  if (flag.secret) return IN_CLEAR
  switch (flag.type) {
    case 'Bool':
      return typeof value === 'boolean' ? value : wrongType(flag, value, TRUE_OR_FALSE, asBoolean(value))
    case 'Int':
      return typeof value === 'number' && Number.isSafeInteger(value)
        ? value
        : wrongType(flag, value, 'a whole number', asNumber(value))
    case 'Duration':
      // the micro sign by its number: node reads a bundle that is ASCII throughout five times as fast, 4 ms of each run
      return isText(value) && /^(\d+(\.\d+)?(ns|us|\u00b5s|ms|s|m|h))+$/.test(value)
        ? value
        : wrongType(flag, value, "a duration: '5m0s'")
    case 'String':
      if (!isText(value)) return wrongType(flag, value, 'a text', inQuotes(value, written()), written())
      return flag.name === 'write-kubeconfig-mode' ? readKubeconfigMode(value) : value
    case 'StringSlice':
      return readList(flag, value, written)
  }
}

function readList(flag: Flag, value: unknown, written: () => string | undefined): K3sValue | Problem {
  if (isText(value)) return [value]
  return Array.isArray(value) && value.every(isText)
    ? [...value]
    : wrongType(flag, value, 'a list of texts', inQuotes(value, written()), written())
}

/** /etc/rancher/k3s/k3s.yaml is the cluster's administrator: whoever reads it is root on every node. */
function readKubeconfigMode(mode: string): string | Problem {
  if (/^0?[0-7]{3}$/.test(mode) && (Number.parseInt(mode, 8) & ~0o600) === 0) return mode
  return {
    code: 'kubeconfig-mode',
    found: `write-kubeconfig-mode ${quote(mode)} is not 0600 or narrower`,
    why: 'whoever can read that file administers the cluster',
    todo: "write '0600', and copy the file for those who may",
  }
}

function readReference(name: string): K3sValue | Problem {
  try {
    return { secret: parseSecretName(name) }
  } catch {
    return { code: 'secret-name', found: 'a reference to no possible secret' }
  }
}

function notSecret(flag: Flag): Problem {
  return {
    code: 'k3s-not-secret',
    found: `'${flag.name}' does not take a secret`,
    why: 'k3s shows its value to everybody who can list processes or read the Node',
  }
}

function wrongType(flag: Flag, value: unknown, allowed: string, todo?: string, written?: string): Problem {
  const found = `'${flag.name}' is ${describe(value, written)}`
  return { code: 'k3s-value', found, why: `k3s takes ${allowed}`, ...(todo === undefined ? {} : { todo }) }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && !/[\x00-\x1f\x7f]/.test(value)
}

function isProblem(value: K3sValue | Problem): value is Problem {
  return typeof value === 'object' && 'code' in value
}
