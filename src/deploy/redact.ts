/**
 * Secrets by their form: what this deploy did not read, because the host has it already, or because another tool left
 * it there. Tokens in full form (docs/k3s.md, Tokens; `K3S10` is a mistake that people make), kubeadm's, a value behind
 * a token's option or variable, a password in a URL.
 */
const forms: readonly (readonly [form: RegExp, kept: string])[] = [
  [/K(?:3S)?10[0-9a-f]*::[a-z]*:?[^\s"'\\]+/g, ''],
  [/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, ''],
  [/((?:\btoken|TOKEN)["']?(?:=|: ?| )["']?)(?!\/|https?:)(?=[^\s"']*\d)[^\s"'\\]{16,}/g, '$1'],
  [/([a-z0-9+]+:\/\/[^\s:@/"']*:)[^\s@"']+(?=@)/gi, '$1'],
]

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
    return forms.reduce((cleaned, [form, kept]) => cleaned.replace(form, `${kept}[secret]`), unknown)
  }
}
