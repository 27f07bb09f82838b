import { der } from '../../../model/keys/der.ts'
import { DerFault, readAll, readOne, TAG } from './read-der.ts'

export interface Subject {
  readonly commonName: string
  readonly organizations: readonly string[]
}

/** UTF8String and PrintableString: what Go and openssl write. */
const STRINGS: readonly number[] = [TAG.utf8, TAG.printable]

const COMMON_NAME = Buffer.from(der.oid('2.5.4.3'))
const ORGANIZATION = Buffer.from(der.oid('2.5.4.10'))

/**
 * A distinguished name (RFC 5280 section 4.1.2.4) of one CN and some O, one at a time.
 * @throws DerFault
 */
export function subjectIn(rdns: Buffer): Subject {
  const commonNames: string[] = []
  const organizations: string[] = []
  for (const rdn of readAll(rdns)) {
    if (rdn.tag !== TAG.set) throw new DerFault('no subject')
    const attribute = readOne(rdn.contents, TAG.sequence, 'subject with one attribute at a time')
    const [type, value, ...more] = readAll(attribute.contents)
    if (type === undefined || value === undefined || more.length > 0 || !STRINGS.includes(value.tag))
      throw new DerFault('an attribute of the subject in an unusual form')
    const text = value.contents.toString('latin1')
    // also no NUL, at which some readers end
    if (!/^[\x20-\x7e]{1,200}$/.test(text)) throw new DerFault('unusual characters in the subject')
    if (type.whole.equals(COMMON_NAME)) commonNames.push(text)
    else if (type.whole.equals(ORGANIZATION)) organizations.push(text)
    else throw new DerFault('a subject with more than O and CN')
  }
  const [commonName, another] = commonNames
  if (commonName === undefined || another !== undefined) throw new DerFault('a subject without exactly one CN')
  return { commonName, organizations }
}
