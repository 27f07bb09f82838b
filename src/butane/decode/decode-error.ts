/**
 * The text is YAML, but no config: every value of a wrong type, each with its line, in the form that yaml.v3 gives
 * them.
 */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'

  constructor(problems: readonly string[]) {
    super(`yaml: unmarshal errors:\n  ${problems.join('\n  ')}`)
  }
}
