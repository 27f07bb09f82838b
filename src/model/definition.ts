/**
 * What defineCluster, defineHost and defineSecrets return: the values of the user, unchecked, and the place of the
 * call.
 */
export interface Definition<Kind extends DefinitionKind = DefinitionKind> {
  readonly kind: Kind
  readonly input: unknown
  /** The stack frame of the call, as V8 prints it. Not parsed, because only a fault needs it. */
  readonly calledFrom?: string
}

export type DefinitionKind = 'cluster' | 'host' | 'secrets'

/**
 * A registered symbol, so that keel recognises a definition even if two copies of keel are in one process (its bundle
 * and its source).
 */
const tag = Symbol.for('keel.definition')

/** @param caller the function whose caller's place is recorded */
export function define<Kind extends DefinitionKind>(
  kind: Kind,
  input: unknown,
  caller: (input: never) => unknown,
): Definition<Kind> {
  const trace: { stack?: string } = {}
  Error.captureStackTrace(trace, caller)
  const calledFrom = trace.stack?.split('\n').find((line) => line.startsWith('    at '))
  return Object.freeze({ [tag]: true, kind, input, ...(calledFrom === undefined ? {} : { calledFrom }) })
}

export function isDefinition(value: unknown): value is Definition {
  return typeof value === 'object' && value !== null && tag in value
}
