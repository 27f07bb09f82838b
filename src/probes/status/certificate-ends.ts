import { X509Certificate } from 'node:crypto'
import type { Probe } from '../../model/probe.ts'
import { sh } from '../../templates/shell-quote.ts'

/** When a certificate on a host ends. */
export interface CertificateEnd {
  readonly file: string
  /** ISO 8601, UTC. */
  readonly ends: string
}

/** A certificate has one or two kilobytes, in a file with others of its chain behind it. */
const MOST_BYTES = 8192
const MOST_FILES = 64

/** The certificates in some folders. A file that has none is left out: it is no certificate's end. */
export const certificateEnds: Probe<readonly string[], readonly CertificateEnd[]> = {
  name: 'certificate-ends',
  // bash reads the files itself: starting a program takes longer
  script: (folders) => sh`files=()
for folder in ${folders}; do for file in "$folder"/*.crt; do [ ! -f "$file" ] || files+=("$file"); done; done
for file in "\${files[@]:0:${MOST_FILES}}"; do
  text=
  IFS= read -r -N ${MOST_BYTES} text 2>/dev/null < "$file" || [ -n "$text" ] || continue
  printf '==> %s <==\\n%s\\n' "$file" "$text"
done`,
  parse: (stdout) => {
    const [, ...parts] = stdout.split(/^==> (\/[\w./@-]{1,200}) <==$/m)
    return Array.from({ length: Math.min(Math.floor(parts.length / 2), MOST_FILES) }, (_, index) => index * 2).flatMap(
      (at) => {
        const [file, text] = [parts[at], parts[at + 1]]
        const ends = text === undefined ? undefined : endOf(text.slice(0, MOST_BYTES))
        return file === undefined || ends === undefined ? [] : [{ file, ends }]
      },
    )
  },
}

/** Of the first certificate in a text, which is the file's own. */
function endOf(text: string): string | undefined {
  const [pem] = /-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]{1,8000}?-----END CERTIFICATE-----/.exec(text) ?? []
  if (pem === undefined) return undefined
  try {
    const end = new X509Certificate(pem).validToDate
    return Number.isNaN(end.getTime()) ? undefined : end.toISOString()
  } catch {
    return undefined
  }
}
