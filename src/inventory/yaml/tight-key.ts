/** The key of `role:agent`, a line that YAML reads as one text. An entry of a list may well be `image:tag`. */
export function tightKey(text: string): string | undefined {
  if (/^\S+:\d+$/.test(text)) return undefined
  return /^([A-Za-z][\w./-]*):(?!\/\/)[^\s:]/.exec(text)?.[1]
}

/** The cure, if a plain text has its own line and looks like a key or a list's entry without its space. */
export function spaceMissing(line: string): string | undefined {
  const key = tightKey(line)
  if (key !== undefined) return `no space after the colon? write '${key}: ${line.slice(key.length + 1)}'`
  return /^-[^\s-]/.test(line) ? `no space after the dash? write '- ${line.slice(1)}'` : undefined
}
