import { readFile } from 'node:fs/promises'
import { ExitCode, KeelError, systemCode } from '../errors.ts'

/**
 * The source of a secret that a person knows: a file that a variable names, or the terminal. The `Io` of a command has
 * both.
 */
export interface HiddenInput {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Returns `undefined` if there is no terminal. */
  readonly ask: (question: string, options: { readonly hidden: true }) => Promise<string | undefined>
  /** Aborted when the person interrupts: keel then tries no other key. */
  readonly signal?: AbortSignal
}

/** For callers that can ask nobody. */
export const noHiddenInput: HiddenInput = { env: {}, ask: async () => undefined }

/**
 * The first line of the file that `variable` names, else the text that a person types on the terminal, else nothing.
 * @throws KeelError `secret-file` (exit 2) if that file can't be read
 */
export async function readHidden(
  { env, ask }: HiddenInput,
  variable: string,
  question: string,
): Promise<string | undefined> {
  const file = env[variable]
  if (file === undefined || file === '') return ask(question, { hidden: true })
  try {
    const [line = ''] = (await readFile(file, 'utf8')).split(/\r?\n/, 1)
    return line
  } catch (cause) {
    throw new KeelError({
      code: 'secret-file',
      at: variable,
      found: `${file} can’t be read (${systemCode(cause)})`,
      todo: `correct the file, or unset ${variable}`,
      exit: ExitCode.Usage,
      cause,
    })
  }
}
