/** Who asks, in the words of Kubernetes (authentication.k8s.io/v1, UserInfo). */
export interface User {
  readonly name: string
  readonly groups: readonly string[]
  readonly uid?: string
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** Of a certificate, as node reads it: what comes several times is a list. */
interface Subject {
  readonly CN?: string | readonly string[]
  readonly O?: string | readonly string[]
}

/**
 * The user of a certificate that the CA of the clients has signed: CN is the name, each O a group.
 * @returns undefined for one with several names or none
 */
export function userOf({ CN: name, O: groups }: Subject): User | undefined {
  if (typeof name !== 'string' || name === '') return undefined
  return { name, groups: [groups ?? []].flat() }
}
