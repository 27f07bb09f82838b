/** Characters of a message in an Event: the API server takes 1,024 bytes. */
const LONGEST = 600

/**
 * What apt or dpkg has complained about, for an Event that everybody in the namespace may read.
 * @param secrets that must not be in it
 */
export function aptMessage(stderr: string, exitCode: number | undefined, secrets: readonly string[]): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    // dpkg has its reason in the line after `dpkg: error processing …:`
    .map((line, at, all) => (line.startsWith('dpkg: ') && line.endsWith(':') ? `${line} ${all[at + 1] ?? ''}` : line))
    .filter((line) => /^(E:|W:|dpkg: error|dpkg: )/.test(line) && !/^W: .*apt does not have a stable CLI/.test(line))
  const told = lines.filter((line) => !line.startsWith('W:'))
  const text = (told.length > 0 ? told : lines.length > 0 ? lines : [lastLine(stderr)]).join(' ')
  const masked = maskedText(text, secrets).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')
  const short = masked.length > LONGEST ? `${masked.slice(0, LONGEST)}…` : masked
  if (short !== '') return short
  return exitCode === undefined ? 'apt took too long' : `apt ended with status ${exitCode}`
}

/** Also as it is in a URL. A login in a URL is masked in any case. */
function maskedText(text: string, secrets: readonly string[]): string {
  const forms = secrets
    .flatMap((one) => [one, encodeURIComponent(one), Buffer.from(one).toString('base64')])
    .filter((one) => one.length > 3)
    // the longest first, because one may be a part of another
    .toSorted((a, b) => b.length - a.length)
  return forms.reduce((masked, form) => masked.replaceAll(form, '***'), text).replace(/(\w+:\/\/)[^/\s@]+@/g, '$1***@')
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? ''
}
