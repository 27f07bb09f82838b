import { replaceSecretForms } from '../model/text/secret-forms.ts'

/**
 * Takes every known secret, and whatever has the form of a token, out of what a host printed. Remembers values as they
 * are used; a short one is never a secret of ours.
 */
export class Redactor {
  readonly #values = new Set<string>()

  /** Whole values, and the password inside a token. */
  remember(bytes: Uint8Array): void {
    const value = Buffer.from(bytes).toString('utf8').trim()
    for (const part of [value, value.slice(value.lastIndexOf(':') + 1), ...value.split('\n')])
      if (part.length >= 8) this.#values.add(part)
  }

  clean(text: string): string {
    const unknown = [...this.#values].reduce((cleaned, value) => cleaned.replaceAll(value, '[secret]'), text)
    // what this deploy did not read, because the host has it already, or because another tool left it there
    return replaceSecretForms(unknown, '[secret]')
  }
}
