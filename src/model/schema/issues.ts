import type * as z from 'zod'
import { nearest } from '../text/nearest.ts'
import { type Issue, KEY_SEPARATOR } from './parsed.ts'
import { valueAt } from './value-at.ts'
import { asBoolean, asNumber, describe, inQuotes, TRUE_OR_FALSE } from './written.ts'

type Path = readonly (string | number)[]

/** The input, and how its file wrote a value if the value itself no longer shows that. */
interface Parsed {
  readonly input: unknown
  readonly written: (path: Path) => string | undefined
}

/** The issues that zod found, in words that tell a user what to change. */
export function issuesOf(error: z.ZodError, parsed: Parsed): Issue[] {
  return error.issues.flatMap((issue) => fromZod(issue, [], parsed))
}

function fromZod(issue: z.core.$ZodIssue, base: Path, parsed: Parsed): Issue[] {
  const path: Path = [...base, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))]
  switch (issue.code) {
    case 'custom':
      return [{ path, ...custom(issue) }]
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, issue.message.split(KEY_SEPARATOR)))
    case 'invalid_key':
      return issue.issues.flatMap((inner) =>
        fromZod(inner, path, parsed).map((one): Issue => ({ ...one, part: 'key' })),
      )
    case 'invalid_union':
      return fromUnion(issue.errors, path, parsed)
    case 'invalid_type':
      return [wrong(parsed, path, article(issue.expected))]
    case 'invalid_value':
      return [oneOf(parsed, path, issue.values.map(String))]
    case 'too_small':
      return [wrong(parsed, path, `at least ${issue.minimum}${issue.origin === 'array' ? ' of them' : ''}`)]
    case 'too_big':
      return [wrong(parsed, path, `at most ${issue.maximum}`)]
    default:
      return [wrong(parsed, path, issue.message)]
  }
}

/** The `params` that our own parsers and checks set (parsed.ts). */
function custom({ message, params }: z.core.$ZodIssueCustom): Omit<Issue, 'path'> {
  const [code = 'value', why, todo] = [textOf(params?.code), textOf(params?.why), textOf(params?.todo)]
  return { code, found: message, ...(why === undefined ? {} : { why }), ...(todo === undefined ? {} : { todo }) }
}

/** The user meant the branch whose type fits the whole value. */
function fromUnion(branches: readonly (readonly z.core.$ZodIssue[])[], path: Path, parsed: Parsed): Issue[] {
  const isOther = (branch: readonly z.core.$ZodIssue[]) =>
    branch.every((issue) => issue.code === 'invalid_type' && issue.path.length === 0)
  // a fault inside of the value shows that its branch fits, also beside a list of words
  const isInside = (branch: readonly z.core.$ZodIssue[]) => branch.some((issue) => issue.path.length > 0)
  const meant = branches.find(isInside) ?? branches.find((branch) => !isOther(branch))
  if (meant !== undefined) return meant.flatMap((issue) => fromZod(issue, path, parsed))
  const allowed = branches.flat().map((issue) => (issue.code === 'invalid_type' ? article(issue.expected) : ''))
  return [wrong(parsed, path, allowed.join(' or '))]
}

function unknownKey(key: string, path: Path, known: readonly string[]): Issue {
  const meant = nearest(key, known)
  return {
    path: [...path, key],
    part: 'key',
    code: 'unknown-key',
    found: 'this key does not exist',
    why: `allowed: ${known.join(', ')}`,
    ...(meant === undefined ? {} : { todo: `did you mean '${meant}'?` }),
  }
}

function oneOf(parsed: Parsed, path: Path, allowed: readonly string[]): Issue {
  const issue = wrong(parsed, path, allowed.join(', '))
  const value = valueAt(parsed.input, path)
  const meant = typeof value === 'string' ? nearest(value, allowed) : undefined
  return meant === undefined ? issue : { ...issue, todo: `did you mean '${meant}'?` }
}

function wrong(parsed: Parsed, path: Path, allowed: string): Issue {
  const value = valueAt(parsed.input, path)
  if (value === undefined) return { path, code: 'missing', found: `missing; allowed: ${allowed}` }
  if (path.includes('auth')) return { path, code: 'value', found: `found ${HIDDEN}; allowed: ${allowed}` }
  const written = parsed.written(path)
  const todo = asMeant(value, allowed, written)
  return {
    path,
    code: 'value',
    found: `found ${describe(value, written)}; allowed: ${allowed}`,
    ...(todo === undefined ? {} : { todo }),
  }
}

/** The same value, written in the kind that is allowed. */
function asMeant(value: unknown, allowed: string, written: string | undefined): string | undefined {
  if (/\btext\b/.test(allowed)) return inQuotes(value, written)
  if (allowed === TRUE_OR_FALSE) return asBoolean(value)
  return allowed.endsWith('number') ? asNumber(value) : undefined
}

/** `auth` in registries.yaml contains credentials. */
const HIDDEN = 'another kind of value (not shown here)'

function article(type: string): string {
  const names: Record<string, string> = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: TRUE_OR_FALSE,
    array: 'a list',
    object: 'an object',
    record: 'an object',
  }
  return names[type] ?? type
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
