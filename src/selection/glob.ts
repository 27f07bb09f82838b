/**
 * Names with `*`, `?` and `[ab]`, `[a-z]`, `[!ab]`. There are no folders in names, so `*` stands for any characters. A
 * regular expression with many `*` could take minutes; this takes at most the product of both lengths.
 */
export function isGlob(text: string): boolean {
  return /[*?[]/.test(text)
}

/** A pattern with more characters than this is a mistake: a name has at most 63. */
export const MOST_PATTERN_CHARACTERS = 256

/** `*`, or what one character may be. */
type Step = '*' | ((character: string) => boolean)

/** Whether a name matches a pattern as a whole. */
export function globMatcher(pattern: string): (name: string) => boolean {
  const steps = stepsOf(pattern)
  return (name) => matches(steps, name)
}

/**
 * Each `*` first stands for nothing. Where the rest does not match, the last `*` takes one character more. Earlier ones
 * need not: what stood between them has matched already, as early as it can.
 */
function matches(steps: readonly Step[], name: string): boolean {
  let step = 0
  let at = 0
  let star: { readonly step: number; at: number } | undefined
  while (at < name.length) {
    const wanted = steps[step]
    if (wanted === '*') {
      star = { step, at }
      step++
    } else if (wanted?.(name.charAt(at)) === true) {
      step++
      at++
    } else if (star !== undefined) {
      star.at++
      step = star.step + 1
      at = star.at
    } else {
      return false
    }
  }
  return steps.slice(step).every((rest) => rest === '*')
}

function stepsOf(pattern: string): readonly Step[] {
  const steps: Step[] = []
  for (let at = 0; at < pattern.length; ) {
    const set = /^\[([!^]?)([^\]]+)\]/.exec(pattern.slice(at))
    if (set === null) {
      steps.push(stepOf(pattern.charAt(at)))
      at++
    } else {
      const [whole, not, members = ''] = set
      const has = memberOf(members)
      steps.push(not === '' ? has : (character) => !has(character))
      at += whole.length
    }
  }
  return steps
}

function stepOf(character: string): Step {
  if (character === '*') return '*'
  return character === '?' ? () => true : (one) => one === character
}

/** `a-c` is a range; a `-` at an end is a character like others. */
function memberOf(members: string): (character: string) => boolean {
  const ranges = [...members.matchAll(/(.)-(.)|(.)/gs)].map(
    ([, first, last, one = '']) => [first ?? one, last ?? one] as const,
  )
  return (character) => ranges.some(([first, last]) => first <= character && character <= last)
}
