import type { SecretName } from '../brands.ts'

/**
 * What a host without data needs exactly once, before its services start for the first time. The kind is also the name
 * of the operation that does it.
 */
export type OnceStep = PlaceCa

/** The cluster's own CA comes to the host that founds the cluster. */
interface PlaceCa {
  readonly kind: 'place-ca'
  readonly certificatePem: string
  readonly key: SecretName
  readonly certificatePath: string
  readonly keyPath: string
}

/** The step of a kind, if the host has it. */
export function stepOf<Kind extends OnceStep['kind']>(
  steps: readonly OnceStep[],
  wanted: Kind,
): Extract<OnceStep, { readonly kind: Kind }> | undefined {
  return steps.find((step): step is Extract<OnceStep, { readonly kind: Kind }> => step.kind === wanted)
}
