/**
 * A question for a host, and the way to read its answer. It does no I/O: deploy/ runs the script, and the parser reads
 * its output.
 */
export interface Probe<Input, Answer> {
  readonly name: string
  /** Bash that prints the answer on stdout. It runs as root and changes nothing. */
  readonly script: (input: Input) => string
  readonly parse: (stdout: string) => Answer
}

/**
 * Rows of tab-separated columns, without empty lines. Paths never contain a tab or newline, because the model refuses
 * them.
 */
export function rows(stdout: string): readonly (readonly string[])[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
}
