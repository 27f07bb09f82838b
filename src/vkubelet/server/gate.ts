import { createHash } from 'node:crypto'
import type { Credentials } from '../../agent/kubernetes/credentials.ts'
import { reviewAccess, reviewToken } from '../api/reviews.ts'
import type { Access } from '../requests/access.ts'
import { bearerOf } from '../requests/bearer.ts'
import type { User } from '../requests/user.ts'
import { Remembered } from './remembered.ts'

/** Milliseconds: a right that was taken away ends after so long, and one that was given begins. */
const LASTS = { allowed: 60_000, denied: 10_000 }

interface Wanted {
  readonly read: () => Promise<Credentials>
  readonly node: string
}

/** What a request shows of its sender. */
export interface Shown {
  /** Of a certificate that the CA of the clients has signed, and that is valid now. */
  readonly user?: User
  readonly authorization: string | undefined
}

export type Verdict = { readonly kind: 'allowed'; readonly user: User } | { readonly kind: 'unknown' } | Forbidden

interface Forbidden {
  readonly kind: 'forbidden'
  readonly user: User
}

/**
 * Who may ask. A certificate of the right CA is not enough, because each Node has one: the API server decides, as for
 * every kubelet.
 * @throws ApiError where the API server does not answer, from the function that it returns
 */
export function gate({ read, node }: Wanted): (shown: Shown, access: Access) => Promise<Verdict> {
  const users = new Remembered<User | undefined>((user) => (user === undefined ? LASTS.denied : LASTS.allowed))
  const rights = new Remembered<boolean>((isAllowed) => (isAllowed ? LASTS.allowed : LASTS.denied))
  const ofToken = (token: string) =>
    // a digest: the memory of this program is no place for tokens of others
    users.ask(createHash('sha256').update(token).digest('hex'), async () => reviewToken(await read(), token))
  return async ({ user: certified, authorization }, access) => {
    const token = bearerOf(authorization)
    const user = certified ?? (token === undefined ? undefined : await ofToken(token))
    if (user === undefined) return { kind: 'unknown' }
    const key = JSON.stringify([user, access])
    const isAllowed = await rights.ask(key, async () => reviewAccess(await read(), node, user, access))
    return { kind: isAllowed ? 'allowed' : 'forbidden', user }
  }
}
