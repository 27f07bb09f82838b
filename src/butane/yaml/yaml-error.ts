/**
 * The text is not YAML that yaml.v3 reads. The message has its form (`yaml: line 4: …`), and no path, because YAML
 * errors have none.
 */
export class YamlError extends Error {
  override readonly name = 'YamlError'

  /** `line` counts from 1. Absent: the message names no line. */
  constructor(problem: string, line?: number) {
    super(line === undefined ? `yaml: ${problem}` : `yaml: line ${line}: ${problem}`)
  }
}
