import * as z from 'zod'
import type { AgentEvent } from '../agent/events/event.ts'
import type { JournalLine } from '../agent/journal/journal-line.ts'
import type { NodeReport } from '../agent/node/node-report.ts'
import type { Accepted } from '../agent/routes/accepted.ts'
import type { CertificatesReport } from '../agent/routes/certificates.ts'
import type { GenerationReport } from '../agent/routes/generation.ts'
import type { KubernetesReport } from '../agent/routes/kubernetes.ts'
import type { Readiness } from '../agent/routes/readiness.ts'
import type { Refusal } from '../agent/server/answer.ts'
import type { StreamEnd } from '../agent/server/stream-end.ts'
import type { ServicesReport } from '../agent/services/services-report.ts'
import { carriedText } from '../carried.ts'
import { jsonText } from '../model/text/json-text.ts'
import { wrongAnswer } from './agent-failure.ts'

/** What keel reads of an agent, by the name of its schema in schema/agent-v1/. */
export interface Answers {
  readonly accepted: Accepted
  readonly certificates: CertificatesReport
  readonly error: Refusal
  readonly events: AgentEvent | StreamEnd
  readonly generation: GenerationReport
  readonly journal: JournalLine | StreamEnd
  readonly kubernetes: KubernetesReport
  readonly node: NodeReport
  readonly ready: Readiness
  readonly services: ServicesReport
}

const schemas = new Map<keyof Answers, z.ZodType>()

/**
 * A text as the answer that keel has asked for. A newer agent may tell more: `v1` of its API only grows.
 * @throws KeelError `agent-answer` for a text that is something else
 */
export function checkedAnswer<Name extends keyof Answers>(host: string, name: Name, text: string): Answers[Name] {
  const answer = parsedAnswer(name, text)
  if (answer === undefined)
    throw wrongAnswer(host, `an answer that is none of \`${name}\` (schema/agent-v1/${name}.json)`)
  return answer
}

/** @returns undefined for a text that is something else */
export function parsedAnswer<Name extends keyof Answers>(name: Name, text: string): Answers[Name] | undefined {
  const value = jsonText.safeParse(text).data
  return isAnswer(name, value) ? value : undefined
}

function isAnswer<Name extends keyof Answers>(name: Name, value: unknown): value is Answers[Name] {
  return schemaOf(name).safeParse(value).success
}

function schemaOf(name: keyof Answers): z.ZodType {
  const schema = schemas.get(name) ?? z.fromJSONSchema(open(JSON.parse(carriedText(`schema/agent-v1/${name}.json`))))
  schemas.set(name, schema)
  return schema
}

/** A schema that takes keys of which it says nothing. */
function open(schema: unknown): Record<string, unknown> {
  const opened = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(opened)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => key !== 'additionalProperties')
        .map(([key, inner]) => [key, opened(inner)]),
    )
  }
  return { ...Object(opened(schema)) }
}
