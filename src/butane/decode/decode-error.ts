/** The text is YAML, but not a config: every value of a wrong type, each with its line, in the form of yaml.v3. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'

  constructor(problems: readonly string[]) {
    super(`yaml: unmarshal errors:\n  ${problems.join('\n  ')}`)
  }
}
