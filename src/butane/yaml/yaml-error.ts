/**
 * The text is no YAML that yaml.v3 reads; the message has its form (`yaml: line 4: …`), without a path, as YAML errors
 * have none.
 */
export class YamlError extends Error {
  override readonly name = 'YamlError'

  /** `line` counts from 1; none: the message names no line. */
  constructor(problem: string, line?: number) {
    super(line === undefined ? `yaml: ${problem}` : `yaml: line ${line}: ${problem}`)
  }
}
