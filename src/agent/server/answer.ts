/** What the agent answers to a request. */
export interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** The body of every answer that is no success. */
export interface Refusal {
  readonly error: {
    /** Stable, for programs. */
    readonly code: RefusalCode
    /** For people. */
    readonly message: string
  }
}

const refusals = {
  'body-refused': [413, 'the agent reads no body'],
  'certificate-expired': [401, 'the certificate of the client has expired'],
  'no-role': [403, 'the certificate of the client has neither the organization keel:viewers nor keel:operators'],
  'page-refused': [403, 'the agent answers programs, and no web page in a browser'],
  'not-an-operator': [403, 'only a client with the organization keel:operators may do this'],
  'query-refused': [400, 'the agent does not know this query'],
  'not-found': [404, 'the agent has nothing at this path'],
  'unit-unknown': [404, 'the agent tells nothing of this unit'],
  'unit-kept': [403, 'the agent does not restart this unit'],
  'method-refused': [405, 'the agent does something else at this path'],
  'too-many-streams': [429, 'the client has as many streams as one can have'],
  'helper-failed': [502, 'the helper of the agent does not answer; the journal of keel-agent says more'],
  failed: [500, 'the agent could not find out; its journal says more'],
} as const

export type RefusalCode = keyof typeof refusals

export function refusal(code: RefusalCode): Answer {
  const [status, message] = refusals[code]
  const body: Refusal = { error: { code, message } }
  return json(body, status)
}

export function json(body: object, status = 200): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(body)}\n` }
}
