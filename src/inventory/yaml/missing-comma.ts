/**
 * The offset in a line after which a comma of a flow list or map is missing: `{ a: "x" b: "y" }`. It reads one line,
 * whose value begins with a bracket.
 */
export function missingComma(text: string): number | undefined {
  let at = /^(?:- +)*(?:(?:[\w./-]+|"[^"]*"|'[^']*') *: +)?(?=[[{])/.exec(text)?.[0].length ?? text.length
  let depth = 0
  let isFresh = true
  let hasColon = false
  while (at < text.length) {
    const one = text[at] ?? ''
    const quoted = isFresh && (one === '"' || one === "'") ? quotedLength(text.slice(at)) : 0
    if (quoted > 0) {
      at += quoted
      if (/^\s*[^\s,:\]}]/.test(text.slice(at))) return at
      if (/^\s*:/.test(text.slice(at))) {
        // a key in quotes needs no space after its colon
        if (hasColon) return undefined
        at = text.indexOf(':', at) + 1
        hasColon = true
      } else isFresh = false
      continue
    }
    if (one === '[' || one === '{') {
      depth++
      isFresh = true
      hasColon = false
    } else if (one === ']' || one === '}') {
      depth--
      if (depth === 0) return undefined
      if (/^\s*[^\s,\]}]/.test(text.slice(at + 1))) return at + 1
      isFresh = false
    } else if (one === ',') {
      isFresh = true
      hasColon = false
    } else if (one === ':' && /\s/.test(text[at + 1] ?? ' ')) {
      // `{ a: x b: y }`: the comma belongs before the word of this colon
      if (hasColon) return /\s+\S+\s*$/.exec(text.slice(0, at))?.index
      isFresh = true
      hasColon = true
    } else if (one !== ' ') isFresh = false
    at++
  }
  return undefined
}

/** 0 if its closing quote is not on this line. */
function quotedLength(text: string): number {
  return /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/.exec(text)?.[0].length ?? 0
}
