import type * as z from 'zod'
import type { K3sValue, Role } from '../model/cluster.ts'
import { type CheckedOptions, checkClusterOptions, checkHostOptions } from '../model/k3s/k3s-options.ts'
import {
  clusterSchema,
  hostSchema,
  type ParsedCluster,
  type ParsedHost,
  type ParsedSecrets,
  secretsSchema,
} from '../model/schema/input.ts'
import { issuesOf } from '../model/schema/issues.ts'
import type { Finding, HostSource, Source } from './definitions.ts'
import { prototypeKeys } from './typescript/prototype-keys.ts'

/** The valid part of a definition. */
export type Known<Whole> = { readonly [Key in keyof Whole]?: Whole[Key] | undefined }

/** The valid parts of one definition, so that the checks across files can continue with them. */
interface Draft<From extends Source, Whole> {
  readonly source: From
  readonly values: Known<Whole>
  /** Present if nothing was wrong. */
  readonly whole?: Whole
  /** Its k3s options, checked against the flags of k3s. */
  readonly options: Readonly<Record<string, K3sValue>>
  readonly findings: readonly Finding[]
  /** What the user wrote and is wrong: keys, and keys below keys. */
  readonly broken: readonly (readonly string[])[]
}

/** Whether there is a wrong value. Then the value is not missing, and checks must not assume its absence. */
export function isBroken({ broken }: Pick<HostDraft, 'broken'>, ...path: readonly string[]): boolean {
  return broken.some((one) => path.every((step, depth) => one[depth] === undefined || one[depth] === step))
}

export type HostDraft = Draft<HostSource, ParsedHost>
export type ClusterDraft = Draft<Source, ParsedCluster>
export type SecretsDraft = Draft<Source, ParsedSecrets>

export function draftHost(source: HostSource): HostDraft {
  const draft = read(source, hostSchema)
  const role = draft.values.role ?? 'server'
  return withOptions(draft, (written, asWritten) => checkHostOptions(written, asWritten, role))
}

export function draftCluster(source: Source): ClusterDraft {
  return withOptions(read(source, clusterSchema), checkClusterOptions)
}

export function draftSecrets(source: Source): SecretsDraft {
  return read(source, secretsSchema)
}

export function hasRole(role: Role): (draft: HostDraft) => boolean {
  return (draft) => draft.values.role === role
}

/** A schema, and the same schema with every key optional, made only if something is wrong. */
interface Schema<Whole> {
  safeParse(input: unknown): z.ZodSafeParseResult<Whole>
  partial(): { safeParse(input: unknown): z.ZodSafeParseResult<Known<Whole>> }
}

function read<From extends Source, Whole extends object>(source: From, schema: Schema<Whole>): Draft<From, Whole> {
  const whole = schema.safeParse(source.input)
  const lost = prototypeKeys(source.input)
  if (whole.success && lost.length === 0)
    return { source, values: whole.data, whole: whole.data, options: {}, findings: [], broken: [] }
  const issues = [...lost, ...(whole.success ? [] : issuesOf(whole.error, source))]
  const findings = issues.map((issue) => ({ ...issue, source }))
  // one wrong entry of a section does not remove the others
  const partial = schema.partial()
  for (const depth of [2, 1]) {
    const broken = issues.map(({ path }) => prefix(path, depth))
    const sound = partial.safeParse(without(source.input, broken))
    if (sound.success) return { source, values: sound.data, options: {}, findings, broken }
  }
  return { source, values: {}, options: {}, findings, broken: [[]] }
}

/** Keys from the top. An element of a list stands for the whole list. */
function prefix(path: Finding['path'], depth: number): string[] {
  const keys = path.slice(0, depth)
  const index = keys.findIndex((step) => typeof step === 'number')
  return (index < 0 ? keys : keys.slice(0, index)).map(String)
}

function without(input: unknown, paths: readonly (readonly string[])[]): unknown {
  if (!isObject(input)) return {}
  const gone = new Set(paths.filter(({ length }) => length < 2).map(([key]) => key))
  const inside = Map.groupBy(
    paths.filter(({ length }) => length > 1),
    ([key]) => key,
  )
  const entries = Object.entries(input).filter(([key]) => !gone.has(key))
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const rest = inside.get(key)?.map((path) => path.slice(1))
      return [key, rest === undefined ? value : without(value, rest)]
    }),
  )
}

/** k3s's options can be checked only with the flags of k3s, so zod passes this one key on unread, and this reads it. */
function withOptions<From extends Source, Whole extends Pick<ParsedHost, 'k3s'>>(
  draft: Draft<From, Whole>,
  check: (
    written: Readonly<Record<string, unknown>>,
    asWritten: (name: string) => string | undefined,
  ) => CheckedOptions,
): Draft<From, Whole> {
  const { issues, values: options } = check(draft.values.k3s ?? {}, (name) => draft.source.written(['k3s', name]))
  const findings = issues.map((issue): Finding => ({ ...issue, path: ['k3s', ...issue.path], source: draft.source }))
  return { ...draft, options, findings: [...draft.findings, ...findings] }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
