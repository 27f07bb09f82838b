import * as z from 'zod'
import { type Fault, KeelError } from '../../errors.ts'
import { quote } from '../names.ts'
import './zod-without-code.ts'

/** A fault that has no place in a file yet, only a path in a definition. */
export interface Issue extends Omit<Fault, 'at'> {
  readonly path: readonly (string | number)[]
  /** The key is wrong, not its value. */
  readonly part?: 'key'
}

/** A string that one of our parsers reads. If the parser throws a KeelError, it becomes the issue, with its code. */
export function parsed<T>(parse: (text: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return parse(text)
    } catch (error) {
      if (!(error instanceof KeelError)) throw error
      const { code, found, why, todo } = error
      context.addIssue({ code: 'custom', message: found, params: { code, why, todo } })
      return z.NEVER
    }
  })
}

/** An object that refuses an unknown key and then names the keys that it knows. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(KEY_SEPARATOR) : undefined),
  })
}

/** Separates the known keys in the message of `strict`, from which `issues.ts` reads them. */
export const KEY_SEPARATOR = ', '

/** One value or a list of values, always read as a list. */
export function oneOrMany<Element extends z.ZodType>(element: Element) {
  return z.union([z.array(element), element.transform((one) => [one])])
}

/**
 * A list of texts in which nothing occurs twice.
 * @param identity equal for two entries of which only one can apply
 */
export function once<Entry extends z.ZodType<string>>(
  list: z.ZodArray<Entry>,
  identity: (entry: string) => string,
  why: string,
) {
  return list.superRefine((entries, context) => {
    const first = new Map<string, string>()
    for (const [index, entry] of entries.entries()) {
      // an entry that is a fault by itself
      if (typeof entry !== 'string') continue
      const key = identity(entry)
      const other = first.get(key)
      if (other === undefined) {
        first.set(key, entry)
        continue
      }
      const message = other === entry ? `${quote(entry)} occurs twice` : `both ${quote(other)} and ${quote(entry)}`
      context.addIssue({
        code: 'custom',
        path: [index],
        message,
        params: { code: 'twice', why, todo: 'keep one of them' },
      })
    }
  })
}
