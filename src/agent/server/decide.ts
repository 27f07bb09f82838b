import { type Answer, refusal } from './answer.ts'
import { queryOf } from './query.ts'
import { mayDo, type Role } from './role.ts'
import type { Request, Route } from './route.ts'

/** What is known of a request before anything is done for it. */
export interface Asked {
  readonly method: string
  /** As it was sent, with its query. */
  readonly url: string
  readonly hasBody: boolean
  readonly role?: Role
  readonly isExpired: boolean
  /** A web page has a browser send it. */
  readonly isOfPage: boolean
}

interface Decided {
  readonly route: Route
  readonly request: Request
}

/**
 * The route of a request, or why it is refused. The client is checked before the path, so that nobody without a role
 * learns what there is.
 */
export function decide(
  routes: readonly Route[],
  { method, url, hasBody, role, isExpired, isOfPage }: Asked,
): Decided | Answer {
  if (isExpired) return refusal('certificate-expired')
  if (role === undefined) return refusal('no-role')
  // a browser that has the certificate shows it for any page, also for one that wants a reboot
  if (isOfPage) return refusal('page-refused')
  if (hasBody) return refusal('body-refused')
  const [path = ''] = url.split('?', 1)
  const there = routes.flatMap((route) => {
    const unit = unitIn(route.path, path)
    return unit === undefined ? [] : [{ route, unit }]
  })
  if (there.length === 0) return refusal('not-found')
  // a program that asks for the headers alone gets those of GET, without the body (RFC 9110 section 9.3.2)
  const found = there.find(({ route }) => route.method === (method === 'HEAD' ? 'GET' : method))
  if (found === undefined) return refusal('method-refused')
  const { route, unit } = found
  if (!mayDo(role, route.role)) return refusal('not-an-operator')
  const query = route.query === undefined ? { follow: false } : queryOf(url, route.query)
  return query === undefined ? refusal('query-refused') : { route, request: { unit, query } }
}

/** @returns what a path has in place of `UNIT`, the empty text without one; undefined for another path */
function unitIn(pattern: string, path: string): string | undefined {
  const [before = '', after] = pattern.split('UNIT')
  if (after === undefined) return path === pattern ? '' : undefined
  if (path.length <= before.length + after.length || !path.startsWith(before) || !path.endsWith(after)) return undefined
  const unit = path.slice(before.length, path.length - after.length)
  return unit.includes('/') ? undefined : unit
}
