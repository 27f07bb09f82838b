/**
 * regexp/syntax, parseEscape and the loop before it: letters that Go takes after a backslash. `\1` would be a group
 * again, `\u` and `\c` are none.
 */
const LETTERS = /^\\[abfnrtvzABdDsSwW0]/
const POSIX = /^(alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit)$/
/** Of `x{1001}` Go says "invalid repeat count". */
const MOST_REPEATS = 1000

/**
 * Does Go's regexp (RE2) compile it? JavaScript's own parser finds most faults of form, and takes what looks ahead or
 * back, repeats what a group has matched, or escapes a letter for nothing: none of that is there in Go.
 */
export function isGoRegexp(text: string): boolean {
  // what is between \Q and \E is text, and so is a letter after a backslash: neither is syntax
  const escapes = [...text.matchAll(/\\Q.*?(?:\\E|$)|\\[pP](?:\{[^}]*\}|.)?|\\x(?:\{[^}]*\}|..?)?|\\.?/gsu)].map(([one]) => one)
  const plain = text.replaceAll(/\\Q.*?(?:\\E|$)|\\./gsu, 'x')
  const counts = [...plain.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].flatMap(([, from, to]) => [Number(from), Number(to ?? 0)])
  const classes = [...plain.matchAll(/\[\[:\^?(\w*):\]/g)].map(([, name = '']) => name)
  return (
    escapes.every(isEscape) &&
    counts.every((count) => count <= MOST_REPEATS) &&
    classes.every((name) => POSIX.test(name)) &&
    !/\(\?(?:=|!|<[=!])/.test(plain) &&
    compiles(text)
  )
}

function isEscape(text: string): boolean {
  if (text.startsWith('\\Q') || LETTERS.test(text)) return true
  const [, name] = /^\\[pP](?:\{\^?([^}]*)\}|.$)/su.exec(text) ?? []
  if (/^\\[pP]/.test(text)) return isUnicodeClass(name ?? text.slice(2))
  if (text.startsWith('\\x')) return /^\\x(?:[0-9A-Fa-f]{2}|\{[0-9A-Fa-f]{1,6}\})$/.test(text)
  return /^\\[!-/:-@[-`{-~ ]$/.test(text)
}

/** A general category by its short name, or a script. */
function isUnicodeClass(name: string): boolean {
  if (!/^[A-Z][A-Za-z_]*$/.test(name)) return false
  return name === 'Any' || isRegExp(`\\p{${name.length > 2 ? 'Script' : 'General_Category'}=${name}}`, 'u')
}

/** Flags, names of groups and \Q…\E are written in another way there. */
function compiles(text: string): boolean {
  return isRegExp(
    text
      .replaceAll(/\\Q.*?(?:\\E|$)/gsu, 'x')
      .replaceAll(/\(\?[imsU-]+\)/g, '')
      .replaceAll(/\(\?[imsU-]+:/g, '(?:')
      .replaceAll('(?P<', '(?<'),
  )
}

function isRegExp(text: string, flags?: string): boolean {
  try {
    new RegExp(text, flags)
    return true
  } catch {
    return false
  }
}
