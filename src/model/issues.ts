import type * as z from 'zod'
import { quote } from './names.ts'
import { nearest } from './nearest.ts'
import { type Issue, KEY_SEPARATOR } from './parsed.ts'

type Path = readonly (string | number)[]

/** What zod found, in words a user can act on. `input` is what was parsed: it says what stood there. */
export function issuesOf(error: z.ZodError, input: unknown): Issue[] {
  return error.issues.flatMap((issue) => fromZod(issue, [], input))
}

function fromZod(issue: z.core.$ZodIssue, base: Path, input: unknown): Issue[] {
  const path: Path = [...base, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))]
  switch (issue.code) {
    case 'custom':
      return [{ path, ...custom(issue) }]
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, issue.message.split(KEY_SEPARATOR)))
    case 'invalid_key':
      return issue.issues.flatMap((inner) => fromZod(inner, path, input))
    case 'invalid_union':
      return fromUnion(issue.errors, path, input)
    case 'invalid_type':
      return [wrong(valueAt(input, path), path, article(issue.expected))]
    case 'invalid_value':
      return [oneOf(valueAt(input, path), path, issue.values.map(String))]
    case 'too_small':
      return [wrong(valueAt(input, path), path, `at least ${issue.minimum}${issue.origin === 'array' ? ' of them' : ''}`)]
    case 'too_big':
      return [wrong(valueAt(input, path), path, `at most ${issue.maximum}`)]
    default:
      return [wrong(valueAt(input, path), path, issue.message)]
  }
}

/** What our own parsers and checks put into `params` (parsed.ts). */
function custom({ message, params }: z.core.$ZodIssueCustom): Omit<Issue, 'path'> {
  const [code = 'value', why, todo] = [textOf(params?.code), textOf(params?.why), textOf(params?.todo)]
  return { code, found: message, ...(why === undefined ? {} : { why }), ...(todo === undefined ? {} : { todo }) }
}

/** The branch that the user was on is the one that got beyond the type of the whole. */
function fromUnion(branches: readonly (readonly z.core.$ZodIssue[])[], path: Path, input: unknown): Issue[] {
  const isOther = (branch: readonly z.core.$ZodIssue[]) =>
    branch.every((issue) => issue.code === 'invalid_type' && issue.path.length === 0)
  const meant = branches.find((branch) => !isOther(branch))
  if (meant !== undefined) return meant.flatMap((issue) => fromZod(issue, path, input))
  const allowed = branches.flat().map((issue) => (issue.code === 'invalid_type' ? article(issue.expected) : ''))
  return [wrong(valueAt(input, path), path, allowed.join(' or '))]
}

function unknownKey(key: string, path: Path, known: readonly string[]): Issue {
  const meant = nearest(key, known)
  return {
    path: [...path, key],
    code: 'unknown-key',
    found: 'there is no such key',
    why: `allowed: ${known.join(', ')}`,
    ...(meant === undefined ? {} : { todo: `did you mean '${meant}'?` }),
  }
}

function oneOf(value: unknown, path: Path, allowed: readonly string[]): Issue {
  const issue = wrong(value, path, allowed.join(', '))
  const meant = typeof value === 'string' ? nearest(value, allowed) : undefined
  return meant === undefined ? issue : { ...issue, todo: `did you mean '${meant}'?` }
}

function wrong(value: unknown, path: Path, allowed: string): Issue {
  if (value === undefined) return { path, code: 'missing', found: `missing; allowed: ${allowed}` }
  return { path, code: 'value', found: `found ${path.includes('auth') ? HIDDEN : describe(value)}; allowed: ${allowed}` }
}

/** Below `auth` in registries.yaml stands what logs in. */
const HIDDEN = 'another kind of value (not shown here)'

function describe(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

function article(type: string): string {
  const names: Record<string, string> = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    record: 'an object',
  }
  return names[type] ?? type
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    input,
  )
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
