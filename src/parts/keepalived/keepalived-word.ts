import { KeelError } from '../../errors.ts'

/**
 * A value as one word of keepalived.conf(5). Its strings have no escape that every version knows. `!` and `#` begin
 * comments, `$` begins a variable, `@` a condition, and braces are structure. So a value may contain none of them.
 * @throws KeelError `keepalived-word` for anything except a name, a number, an address or a path
 */
export function keepalivedWord(value: string | number): string {
  const text = String(value)
  if (!/^[A-Za-z0-9/][A-Za-z0-9_.:/-]*$/.test(text)) {
    throw new KeelError({
      code: 'keepalived-word',
      found: `${JSON.stringify(text)} is not possible in keepalived.conf`,
    })
  }
  return text
}
