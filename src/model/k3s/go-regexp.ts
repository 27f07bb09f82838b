/**
 * regexp/syntax, parseEscape and the loop before it: the letters that Go accepts after a backslash. `\1` would be a
 * group again, and `\u` and `\c` do not exist.
 */
const LETTERS = /^\\[abfnrtvzABdDsSwW0]/
const POSIX = /^(alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit)$/
/** Go refuses `x{1001}` with "invalid repeat count". */
const MOST_REPEATS = 1000

/**
 * Whether Go's regexp (RE2) compiles it. JavaScript's own parser finds most errors, but accepts three things that Go
 * does not have: to look ahead or back, to repeat what a group has matched, to escape a letter without need.
 */
export function isGoRegexp(text: string): boolean {
  // text between \Q and \E, and a letter after a backslash, are not syntax
  const escapes = [...text.matchAll(/\\Q.*?(?:\\E|$)|\\[pP](?:\{[^}]*\}|.)?|\\x(?:\{[^}]*\}|..?)?|\\.?/gsu)].map(
    ([one]) => one,
  )
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

/** JavaScript writes flags, names of groups and \Q…\E in another way. */
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
