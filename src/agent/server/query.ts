/** The query of a request, read. */
export interface Query {
  /** Unix time, in seconds. */
  readonly since?: number
  readonly lines?: number
  readonly follow: boolean
}

const shapes = { since: /^\d{1,11}$/, lines: /^\d{1,5}$/, follow: /^[01]$/ } as const
export type QueryKey = keyof typeof shapes

/** Lines of a journal in one answer. */
const MOST_LINES = 10_000

/**
 * @param url as it was sent
 * @returns undefined for a query that is not exactly of these keys, each once
 */
export function queryOf(url: string, keys: readonly QueryKey[]): Query | undefined {
  const at = url.indexOf('?')
  const given = [...new URLSearchParams(at === -1 ? '' : url.slice(at + 1))]
  const isRight = given.every(([key, value]) => keys.some((one) => one === key && shapes[one].test(value)))
  if (!isRight || new Set(given.map(([key]) => key)).size !== given.length) return undefined
  const { since, lines, follow } = Object.fromEntries(given)
  if (Number(lines ?? 0) > MOST_LINES) return undefined
  return {
    ...(since === undefined ? {} : { since: Number(since) }),
    ...(lines === undefined ? {} : { lines: Number(lines) }),
    follow: follow === '1',
  }
}
