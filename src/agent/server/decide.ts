import { type Answer, refusal } from './answer.ts'
import { mayDo, type Role } from './role.ts'
import type { Route } from './route.ts'

/** What is known of a request before anything is done for it. */
export interface Asked {
  readonly method: string
  /** As it was sent, with its query. */
  readonly url: string
  readonly hasBody: boolean
  readonly role?: Role
  readonly isExpired: boolean
}

/**
 * The route of a request, or why it is refused. The client is checked before the path, so that nobody without a role
 * learns what there is.
 */
export function decide(routes: readonly Route[], { method, url, hasBody, role, isExpired }: Asked): Route | Answer {
  if (isExpired) return refusal('certificate-expired')
  if (role === undefined) return refusal('no-role')
  if (hasBody) return refusal('body-refused')
  const [path] = url.split('?', 1)
  const there = routes.filter((route) => route.path === path)
  if (there.length === 0) return refusal('not-found')
  // a program that asks for the headers alone gets those of GET, without the body (RFC 9110 section 9.3.2)
  const route = there.find((one) => one.method === (method === 'HEAD' ? 'GET' : method))
  if (route === undefined) return refusal('method-refused')
  return mayDo(role, route.role) ? route : refusal('not-an-operator')
}
