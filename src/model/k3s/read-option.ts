import type { K3sValue } from '../cluster.ts'
import { parseSecretName, quote } from '../names.ts'
import type { Issue } from '../schema/parsed.ts'
import { asBoolean, asNumber, describe, inQuotes, TRUE_OR_FALSE } from '../schema/written.ts'
import { IN_CLEAR, isSecretRef } from '../secret-ref.ts'
import { nanoseconds } from './flag-kinds/duration.ts'
import { isRefusal, type Kind } from './flag-kinds/kind.ts'
import type { Flag } from './k3s-flags.ts'

/** The value of an option, or what is wrong with it. If one entry of a list is wrong, the path is that of the entry. */
export type ReadOption = { readonly value: K3sValue } | { readonly problems: readonly Issue[] }

type Problem = Omit<Issue, 'path'>

/**
 * Accepts a value for config.yaml that the flag would accept. It is strict, so that k3s need not guess about a typing
 * error, and a value with which k3s would exit is reported with its line.
 * @param written the value in the form that its file has
 */
export function readOption(flag: Flag, value: unknown, written: () => string | undefined): ReadOption {
  if (isSecretRef(value)) return flag.secret ? readReference(value.secret) : wrong(notSecret(flag))
  if (flag.secret) return wrong(IN_CLEAR)
  switch (flag.type) {
    case 'Bool':
      return typeof value === 'boolean' ? { value } : wrong(wrongType(flag, value, TRUE_OR_FALSE, asBoolean(value)))
    case 'Int':
      return readNumber(flag, value)
    case 'Duration':
      return readDuration(flag, value)
    case 'String':
      return isText(value)
        ? readText(flag, value)
        : wrong(wrongType(flag, value, 'a text', inQuotes(value, written()), written()))
    case 'StringSlice':
      return readList(flag, value, written)
  }
}

function readNumber(flag: Flag, value: unknown): ReadOption {
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    return wrong(wrongType(flag, value, 'a whole number', asNumber(value)))
  const [least, most] = flag.range ?? [0, 2 ** 31 - 1]
  // YAML would not return -0
  if (value >= least && value <= most) return { value: value + 0 }
  return wrong(wrongType(flag, value, `a whole number from ${least} to ${most}`))
}

function readDuration(flag: Flag, value: unknown): ReadOption {
  const length = isText(value) ? nanoseconds(value) : undefined
  if (!isText(value) || length === undefined) return wrong(wrongType(flag, value, "a duration: '5m0s'"))
  return length > 0 ? { value } : wrong(wrongType(flag, value, 'a duration above 0'))
}

function readText(flag: Flag, value: string): ReadOption {
  if (flag.name === 'write-kubeconfig-mode') return readKubeconfigMode(value)
  // k3s's reader of config.yaml omits an empty value, so that the next flag would become the value
  if (value === '')
    return wrong({ ...wrongType(flag, value, flag.kind?.allowed ?? 'a text'), todo: 'leave the option out' })
  const read = flag.kind?.read(value) ?? value
  return isRefusal(read)
    ? wrong({ code: 'k3s-value', found: `'${flag.name}' is ${quote(value)}`, ...read })
    : { value: read }
}

function readList(flag: Flag, value: unknown, written: () => string | undefined): ReadOption {
  const texts = isText(value) ? [value] : value
  if (!Array.isArray(texts) || !texts.every(isText))
    return wrong(wrongType(flag, value, 'a list of texts', inQuotes(value, written()), written()))
  const { kind } = flag
  if (kind === undefined) return { value: [...texts] }
  const path = (index: number) => (isText(value) ? [] : [index])
  const entries = texts.flatMap((text, index) =>
    cut(kind, text).map((entry) => ({ entry, index, read: kind.read(entry) })),
  )
  const problems = entries.flatMap(({ entry, index, read }): Issue[] =>
    isRefusal(read)
      ? [{ code: 'k3s-value', found: `'${flag.name}' contains ${quote(entry)}`, ...read, path: path(index) }]
      : [],
  )
  if (problems.length > 0) return { problems }
  const sound = entries.flatMap(({ index, read }) => (isRefusal(read) ? [] : [{ index, entry: read }]))
  const doubled = sound.flatMap(({ entry, index }, at): Issue[] => {
    const first = sound.slice(0, at).find((other) => isSame(kind, other.entry, entry))
    return first === undefined ? [] : [{ ...twice(flag, first.entry, entry), path: path(index) }]
  })
  return doubled.length > 0 ? { problems: doubled } : { value: sound.map(({ entry }) => entry) }
}

function cut(kind: Kind, text: string): readonly string[] {
  return kind.cutAtCommas === true && text.includes(',') ? text.split(',').map((part) => part.trim()) : [text]
}

/** Whether both entries set the same thing, so that only one of them can apply. */
export function isSame(kind: Kind, a: string, b: string): boolean {
  if (kind.identity === undefined || a === b) return a === b
  const identity = kind.identity(a)
  return identity !== undefined && identity === kind.identity(b)
}

function twice(flag: Flag, first: string, entry: string): Problem {
  const found =
    first === entry
      ? `'${flag.name}' contains ${quote(entry)} twice`
      : `'${flag.name}' contains both ${quote(first)} and ${quote(entry)}`
  return { code: 'k3s-twice', found, why: 'only one of them can apply', todo: 'keep one of them' }
}

/** The kubeconfig of the cluster's administrator: anybody who reads it is root on every node. */
function readKubeconfigMode(mode: string): ReadOption {
  if (/^0?[0-7]{3}$/.test(mode) && (Number.parseInt(mode, 8) & ~0o600) === 0) return { value: mode }
  return wrong({
    code: 'kubeconfig-mode',
    found: `write-kubeconfig-mode ${quote(mode)} is not 0600 or stricter`,
    why: 'anybody who can read that file is an administrator of the cluster',
    todo: "write '0600', and copy the file for other administrators",
  })
}

function readReference(name: string): ReadOption {
  try {
    return { value: { secret: parseSecretName(name) } }
  } catch {
    return wrong({ code: 'secret-name', found: 'a reference to a secret with an impossible name' })
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

const wrong = (problem: Problem): ReadOption => ({ problems: [{ ...problem, path: [] }] })

/**
 * A text of visible letters: no control characters, none that change the reading direction, no half of a surrogate
 * pair.
 */
function isText(value: unknown): value is string {
  return typeof value === 'string' && !/[\p{C}\p{Zl}\p{Zp}]/u.test(value)
}
