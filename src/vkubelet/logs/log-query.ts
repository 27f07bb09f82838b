/** What `kubectl logs` wants of the output of a container. */
export interface LogQuery {
  readonly follow: boolean
  /** The run before the current one. */
  readonly previous: boolean
  readonly timestamps: boolean
  /** Microseconds since 1970. */
  readonly since?: number
  /** Lines, from the end. */
  readonly tail?: number
  /** Bytes in all. */
  readonly limit?: number
}

const KNOWN = new Set(['follow', 'previous', 'timestamps', 'sinceSeconds', 'sinceTime', 'tailLines', 'limitBytes'])
const MICRO = 1_000_000

/**
 * The query of `GET /containerLogs/…` (k8s.io/api/core/v1, PodLogOptions).
 * @param now milliseconds
 * @returns why it can't be answered, in words for the client
 */
export function logQuery(query: URLSearchParams, now: number): LogQuery | { readonly fault: string } {
  const given = [...query.keys()]
  if (given.some((name) => !KNOWN.has(name))) return { fault: 'a parameter that keel does not know' }
  if (new Set(given).size !== given.length) return { fault: 'a parameter comes twice' }
  const has = (name: string) => ['1', 'true'].includes(query.get(name) ?? '')
  const count = (name: string) => {
    const text = query.get(name)
    return text === null ? undefined : /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  }
  const [seconds, tail, limit] = [count('sinceSeconds'), count('tailLines'), count('limitBytes')]
  for (const [name, value] of Object.entries({ sinceSeconds: seconds, tailLines: tail, limitBytes: limit }))
    if (Number.isNaN(value)) return { fault: `${name} is no number` }
  const time = query.get('sinceTime')
  const at = time === null ? undefined : microsecondsOf(time)
  if (time !== null && at === undefined) return { fault: 'sinceTime is no time' }
  if (seconds !== undefined && at !== undefined) return { fault: 'both sinceSeconds and sinceTime' }
  const since = seconds === undefined ? at : Math.max(now * 1000 - seconds * MICRO, 0)
  return {
    follow: has('follow'),
    previous: has('previous'),
    timestamps: has('timestamps'),
    ...(since === undefined ? {} : { since }),
    ...(tail === undefined ? {} : { tail }),
    ...(limit === undefined ? {} : { limit }),
  }
}

/** RFC 3339, with up to nine digits of a second. */
function microsecondsOf(text: string): number | undefined {
  const [, seconds, fraction = '', zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/i.exec(text) ?? []
  const whole = Date.parse(`${seconds}${zone}`)
  return Number.isNaN(whole) ? undefined : Math.max(whole * 1000 + Number(fraction.padEnd(9, '0').slice(0, 6)), 0)
}
