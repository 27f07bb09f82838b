import type * as z from 'zod'
import type { K3sValue, Role } from '../model/cluster.ts'
import {
  clusterSchema,
  hostSchema,
  type ParsedCluster,
  type ParsedHost,
  type ParsedSecrets,
  secretsSchema,
} from '../model/input.ts'
import { issuesOf } from '../model/issues.ts'
import { type CheckedOptions, checkClusterOptions, checkHostOptions } from '../model/k3s-options.ts'
import type { Finding, HostSource, Source } from './definitions.ts'

/** What of a definition is right. */
export type Known<Whole> = { readonly [Key in keyof Whole]?: Whole[Key] | undefined }

/** A definition's own part judged: what of it is right, so that the checks across files can go on with that. */
export interface Draft<From extends Source, Whole> {
  readonly source: From
  readonly values: Known<Whole>
  /** There when nothing was wrong. */
  readonly whole?: Whole
  /** Its k3s options, read by k3s's flags. */
  readonly options: Readonly<Record<string, K3sValue>>
  readonly findings: readonly Finding[]
}

export type HostDraft = Draft<HostSource, ParsedHost>
export type ClusterDraft = Draft<Source, ParsedCluster>
export type SecretsDraft = Draft<Source, ParsedSecrets>

const partialHost = hostSchema.partial()
const partialCluster = clusterSchema.partial()
const partialSecrets = secretsSchema.partial()

export function draftHost(source: HostSource): HostDraft {
  const draft = read(source, hostSchema, partialHost)
  const role = draft.values.role ?? 'server'
  return withOptions(draft, (written, asWritten) => checkHostOptions(written, asWritten, role))
}

export function draftCluster(source: Source): ClusterDraft {
  return withOptions(read(source, clusterSchema, partialCluster), checkClusterOptions)
}

export function draftSecrets(source: Source): SecretsDraft {
  return read(source, secretsSchema, partialSecrets)
}

export function hasRole(role: Role): (draft: HostDraft) => boolean {
  return (draft) => draft.values.role === role
}

function read<From extends Source, Whole extends object>(
  source: From,
  schema: z.ZodType<Whole>,
  partial: z.ZodType<Known<Whole>>,
): Draft<From, Whole> {
  const whole = schema.safeParse(source.input)
  if (whole.success) return { source, values: whole.data, whole: whole.data, options: {}, findings: [] }
  const issues = issuesOf(whole.error, source)
  const wrong = new Set(issues.map((issue) => issue.path[0]))
  const rest = isObject(source.input) ? Object.entries(source.input).filter(([key]) => !wrong.has(key)) : []
  const sound = partial.safeParse(Object.fromEntries(rest))
  return { source, values: sound.data ?? {}, options: {}, findings: issues.map((issue) => ({ ...issue, source })) }
}

/** k3s's options need k3s's flags to be judged: a second look at the one key that zod passes on unread. */
function withOptions<From extends Source, Whole extends Pick<ParsedHost, 'k3s'>>(
  draft: Draft<From, Whole>,
  check: (written: Readonly<Record<string, unknown>>, asWritten: (name: string) => string | undefined) => CheckedOptions,
): Draft<From, Whole> {
  const { issues, values: options } = check(draft.values.k3s ?? {}, (name) => draft.source.written(['k3s', name]))
  const findings = issues.map((issue): Finding => ({ ...issue, path: ['k3s', ...issue.path], source: draft.source }))
  return { ...draft, options, findings: [...draft.findings, ...findings] }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
