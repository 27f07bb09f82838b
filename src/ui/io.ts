/** The world as a command sees it: nothing in src/commands/ touches `process` itself. */
export interface Io {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
  /** Text; a value as JSON with two spaces. Control characters are made visible, and a newline is added. */
  print(value: string | object): void
  /**
   * A line on stderr: progress and warnings never mix with what a program reads from stdout. Control characters are
   * made visible, further lines indented.
   */
  note(text: string): void
  /** Asks on the terminal; `undefined` where there is none. */
  ask(question: string, options?: { readonly hidden?: boolean }): Promise<string | undefined>
  /**
   * Aborted by the first SIGINT or SIGTERM. Until a command asks for it, either ends keel at once: what has to be taken
   * back asks before it begins.
   */
  readonly signal: AbortSignal
}
