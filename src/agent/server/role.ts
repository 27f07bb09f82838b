/** What a client may do: an operator may do all that a viewer may. */
export type Role = 'viewer' | 'operator'

const GROUPS: Readonly<Record<Role, string>> = { operator: 'keel:operators', viewer: 'keel:viewers' }

/**
 * The role that the organizations of a client's certificate give it (RFC 5280 section 4.1.2.6: O may be there several
 * times). The CA of the clients has signed them.
 */
export function roleOf(organizations: string | readonly string[] | undefined): Role | undefined {
  const all = [organizations ?? []].flat()
  return (['operator', 'viewer'] as const).find((role) => all.includes(GROUPS[role]))
}

export function mayDo(role: Role, needed: Role): boolean {
  return role === needed || role === 'operator'
}
