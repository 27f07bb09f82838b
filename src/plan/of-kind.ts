import type { Rendered } from '../targets/rendered.ts'

type Kind = Rendered['kind']

/** A host is asked about what is wanted of it: its facts and sources are of the same kind as its state. */
export function ofKind<One extends { readonly kind: Kind }, Wanted extends Kind>(
  one: One,
  kind: Wanted,
): Extract<One, { readonly kind: Wanted }> {
  if (isOfKind(one, kind)) return one
  throw new Error(`of kind ${one.kind}, beside a state of kind ${kind}`)
}

function isOfKind<One extends { readonly kind: Kind }, Wanted extends Kind>(
  one: One,
  kind: Wanted,
): one is Extract<One, { readonly kind: Wanted }> {
  return one.kind === kind
}
