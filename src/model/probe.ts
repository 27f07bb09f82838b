/**
 * A question for a host and the way to read its answer. No I/O here: deploy/ runs the script, the parser reads what it
 * printed.
 */
export interface Probe<Input, Answer> {
  readonly name: string
  /** Bash that prints the answer on stdout; runs as root, changes nothing. */
  readonly script: (input: Input) => string
  readonly parse: (stdout: string) => Answer
}

/** Rows of tab-separated columns; empty lines are skipped. Paths can hold no tab or newline: the model refuses them. */
export function rows(stdout: string): readonly (readonly string[])[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
}
