import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'

export interface Pem {
  readonly cert: string
  readonly key: string
}

interface Wanted {
  /** As openssl writes it: `/O=keel:viewers/CN=ada`. */
  readonly subject: string
  readonly usage: 'serverAuth' | 'clientAuth'
  /** Seconds from now; negative: it has expired. */
  readonly lasts?: number
}

/** A CA that openssl makes, and what it signs. */
export class TestCa {
  readonly folder = mkdtempSync(join(tmpdir(), 'keel-test-ca-'))
  readonly pem: Pem
  #serial = 1

  constructor() {
    this.#openssl('req', '-x509', ...NEW_KEY, '-days', '30', '-subj', '/CN=test', '-keyout', 'ca.key', '-out', 'ca.crt')
    this.pem = { cert: this.#read('ca.crt'), key: this.#read('ca.key') }
  }

  sign({ subject, usage, lasts = 3600 }: Wanted): Pem {
    const name = this.#next()
    this.#openssl('req', ...NEW_KEY, '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.csr`)
    const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
    return { cert: this.#signed(name, `extendedKeyUsage=${usage}\n${names}\n`, lasts), key: this.#read(`${name}.key`) }
  }

  /** @returns the certificate for a request (PEM), which openssl has verified, with the names that it asks for */
  signRequest(request: string, lasts: number, usage: Wanted['usage'] = 'serverAuth'): string {
    const name = this.#next()
    writeFileSync(join(this.folder, `${name}.csr`), request)
    return this.#signed(name, `extendedKeyUsage=${usage}\n`, lasts)
  }

  /** What openssl reads in a request: its subject and its extensions. */
  describeRequest(request: string): string {
    writeFileSync(join(this.folder, 'described.csr'), request)
    const args = ['req', '-in', 'described.csr', '-noout', '-verify', '-text', '-nameopt', 'RFC2253']
    return execaSync('openssl', args, { cwd: this.folder }).stdout
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }

  #next(): string {
    return `${this.#serial++}`
  }

  /** @param lasts seconds from now; negative: it has expired */
  #signed(name: string, extensions: string, lasts: number): string {
    writeFileSync(join(this.folder, `${name}.ext`), extensions)
    // `openssl x509` counts in days from now, `openssl ca` takes times and wants a folder of its own
    writeFileSync(join(this.folder, 'index.txt'), '')
    const now = Date.now() / 1000
    const from = lasts > 0 ? now - 1 : now + lasts - 3600
    this.#openssl(
      ...['ca', '-batch', '-config', this.#configuration(), '-in', `${name}.csr`, '-out', `${name}.crt`, '-notext'],
      ...['-startdate', asn1Time(from), '-enddate', asn1Time(now + lasts), '-extfile', `${name}.ext`],
    )
    return this.#read(`${name}.crt`)
  }

  #configuration(): string {
    const lines = ['[ca]', 'default_ca=own', '[own]', 'database=index.txt', 'new_certs_dir=.', 'rand_serial=yes']
    const rest = [
      'certificate=ca.crt',
      'private_key=ca.key',
      'default_md=sha256',
      'policy=any',
      'unique_subject=no',
      'copy_extensions=copy',
    ]
    const policy = ['[any]', 'organizationName=optional', 'commonName=supplied']
    writeFileSync(join(this.folder, 'ca.cnf'), [...lines, ...rest, ...policy, ''].join('\n'))
    return 'ca.cnf'
  }

  #openssl(...args: readonly string[]): void {
    execaSync('openssl', args, { cwd: this.folder })
  }

  #read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8')
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** GeneralizedTime, RFC 5280 section 4.1.2.5.2. */
function asn1Time(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().replace(/\.\d+|[-:T]/g, '')}`
}
