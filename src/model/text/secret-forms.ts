/** The text with `mark` for whatever has the form of a token or of a URL's password. */
export function replaceSecretForms(text: string, mark: string): string {
  return forms.reduce((cleaned, form) => form(cleaned, mark), text)
}

type Form = (text: string, mark: string) => string

/**
 * Secrets by their form. Tokens in full form (docs/k3s.md, Tokens; `K3S10` is a mistake that people make), kubeadm's, a
 * value behind a token's option or variable, a password in a URL.
 */
const forms: readonly Form[] = [
  (text, mark) => text.replace(/K(?:3S)?10[0-9a-f]*::[a-z]*:?[^\s"'\\]+/g, mark),
  (text, mark) => text.replace(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, mark),
  tokenValues,
  urlPasswords,
]

/** A value without any digit is a word: `token authentication-failed`. */
function tokenValues(text: string, mark: string): string {
  const digit = nextOf(/\d/g, text)
  const end = nextOf(/[\s"']/g, text)
  const valueEnd = nextOf(/[\s"'\\]/g, text)
  let cleaned = ''
  let kept = 0
  for (const { 0: before, index } of text.matchAll(
    /(?:\btoken|TOKEN)["']?(?:=|: ?| )["']?(?!\/|https?:)(?=[^\s"'\\]{16})/g,
  )) {
    const begin = index + before.length
    if (begin < kept || digit(begin) >= end(begin)) continue
    cleaned += text.slice(kept, begin) + mark
    kept = valueEnd(begin)
  }
  return cleaned + text.slice(kept)
}

function urlPasswords(text: string, mark: string): string {
  return text.replace(/((?<![a-z0-9+])[a-z0-9+]+:\/\/[^\s:@/"']*:)[^\s@"']+/gi, (found, before: string, at: number) =>
    text[at + found.length] === '@' ? `${before}${mark}` : found,
  )
}

/**
 * Where a character is next, from an offset on; the text's length if there is none. The offsets of all calls rise, so
 * the text is read once. A lookahead in the expression itself would read the rest of a long line again at each word.
 */
function nextOf(character: RegExp, text: string): (offset: number) => number {
  let next = -1
  return (offset) => {
    if (next >= offset) return next
    character.lastIndex = offset
    next = character.exec(text)?.index ?? text.length
    return next
  }
}
