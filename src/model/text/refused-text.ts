import { ExitCode, KeelError } from '../../errors.ts'
import { quote } from '../names.ts'

/**
 * The fault for a text that a parser of the model refuses: `'x' is no network`.
 * @param what `no network`, `an image without a version`
 */
export function refusedText(code: string, text: string, what: string, why: string, todo?: string): KeelError {
  return new KeelError({
    code,
    found: `${quote(text)} is ${what}`,
    why,
    ...(todo === undefined ? {} : { todo }),
    exit: ExitCode.Usage,
  })
}
