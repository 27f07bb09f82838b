/** What apt knows of a package: `apt-cache policy NAME`. */
export interface AptPolicy {
  /** Absent: it is not installed. */
  readonly installed?: string
  /** What apt would install by itself. */
  readonly candidate?: string
  /** The newest first. */
  readonly offers: readonly Offer[]
}

export interface Offer {
  readonly version: string
  /** Where it comes from, by the URI of the repository; none for what is only installed. */
  readonly uris: readonly string[]
}

const NONE = '(none)'

/** @returns undefined if apt knows no package of this name */
export function aptPolicy(stdout: string, name: string): AptPolicy | undefined {
  const [head, ...lines] = stdout.split('\n')
  if (head !== `${name}:`) return undefined
  const offers: { version: string; uris: string[] }[] = []
  let installed: string | undefined
  let candidate: string | undefined
  for (const line of lines) {
    const [, field, value = ''] = /^ {2}(Installed|Candidate): (\S+)$/.exec(line) ?? []
    if (field === 'Installed') installed = value
    if (field === 'Candidate') candidate = value
    // ` *** 1:0.4.6-1 500` is the installed one, `     1:0.4.6-1 500` another
    const version = /^ (?:\*\*\*| {3}) (\S+) -?\d+(?: \(.*\))?$/.exec(line)?.[1]
    if (version !== undefined) offers.push({ version, uris: [] })
    // `        500 http://deb.debian.org/debian bookworm/main amd64 Packages`; what is installed has a file there
    const uri = /^ {8} *-?\d+ (https?:\/\/\S+) /.exec(line)?.[1]
    if (uri !== undefined) offers.at(-1)?.uris.push(uri)
  }
  return {
    ...(installed === undefined || installed === NONE ? {} : { installed }),
    ...(candidate === undefined || candidate === NONE ? {} : { candidate }),
    offers,
  }
}
