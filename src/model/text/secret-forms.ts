/**
 * Secrets by their form. Tokens in full form (docs/k3s.md, Tokens; `K3S10` is a mistake that people make), kubeadm's, a
 * value behind a token's option or variable, a password in a URL.
 */
const forms: readonly (readonly [form: RegExp, kept: string])[] = [
  [/K(?:3S)?10[0-9a-f]*::[a-z]*:?[^\s"'\\]+/g, ''],
  [/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, ''],
  [/((?:\btoken|TOKEN)["']?(?:=|: ?| )["']?)(?!\/|https?:)(?=[^\s"']*\d)[^\s"'\\]{16,}/g, '$1'],
  [/((?<![a-z0-9+])[a-z0-9+]+:\/\/[^\s:@/"']*:)[^\s@"']+(?=@)/gi, '$1'],
]

/** The text with `mark` for whatever has the form of a token or of a URL's password. */
export function replaceSecretForms(text: string, mark: string): string {
  return forms.reduce((cleaned, [form, kept]) => cleaned.replace(form, `${kept}${mark}`), text)
}
