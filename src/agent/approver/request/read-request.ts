import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { der } from '../../../model/keys/der.ts'
import { EXTENSION_REQUEST, SUBJECT_ALT_NAME } from '../../../model/keys/extension.ts'
import { ECDSA_WITH_SHA256 } from '../../../model/keys/signed-der.ts'
import { type AltNames, altNamesIn } from './read-alt-names.ts'
import { DerFault, type DerValue, readAll, readOne, TAG } from './read-der.ts'
import { pemContents } from './read-pem.ts'
import { type Subject, subjectIn } from './read-subject.ts'

/** What a certificate request asks for. */
export interface CertificateRequest extends Subject, AltNames {}

const extensionRequest = der.oid(EXTENSION_REQUEST)
const altNames = der.oid(SUBJECT_ALT_NAME)

/** Bytes of a request, as PEM. One of an agent has about 500. */
const MOST = 16_384

/**
 * Reads a certificate request (PKCS #10, RFC 2986) of a stranger. It takes what agents and kubelets write, and nothing
 * that two readers could read differently: a key on P-256, a subject of O and CN, names and addresses as the only
 * extension.
 * @param pem of the request
 * @throws DerFault with what is wrong with it
 */
export function readRequest(pem: string): CertificateRequest {
  if (pem.length > MOST) throw new DerFault(`a request of more than ${MOST} bytes`)
  const request = readOne(pemContents(pem), TAG.sequence, 'request')
  const [unsigned, algorithm, signature, ...more] = readAll(request.contents)
  if (unsigned?.tag !== TAG.sequence || signature?.tag !== TAG.bitString || more.length > 0)
    throw new DerFault('no signed request')
  if (algorithm?.whole.equals(ECDSA_WITH_SHA256) !== true)
    throw new DerFault('a signature that is not ECDSA with SHA-256')
  const [version, subject, publicKey, attributes, ...others] = readAll(unsigned.contents)
  if (version?.tag !== TAG.integer || !version.contents.equals(Buffer.of(0)))
    throw new DerFault('another version than 1')
  if (subject?.tag !== TAG.sequence || publicKey === undefined || attributes?.tag !== 0xa0 || others.length > 0)
    throw new DerFault('other parts than a request has')
  const key = keyIn(publicKey)
  // no unused bits
  if (
    signature.contents[0] !== 0 ||
    !verify('sha256', unsigned.whole, { key, dsaEncoding: 'der' }, signature.contents.subarray(1))
  )
    throw new DerFault('a signature of another key')
  return { ...subjectIn(subject.contents), ...namesIn(attributes) }
}

function keyIn({ whole }: DerValue): KeyObject {
  const key = keyOf(whole)
  if (key?.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new DerFault('a key that is not on P-256')
  if (!key.export({ format: 'der', type: 'spki' }).equals(whole)) throw new DerFault('a key in an unusual form')
  return key
}

function keyOf(spki: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}

/** Its one attribute: extensions, of which there is one. */
function namesIn(attributes: DerValue): AltNames {
  const attribute = readOne(attributes.contents, TAG.sequence, 'attribute that is the only one')
  const [type, values, ...more] = readAll(attribute.contents)
  if (type?.whole.equals(extensionRequest) !== true || values?.tag !== TAG.set || more.length > 0)
    throw new DerFault('an attribute besides the extensions')
  const extensions = readOne(values.contents, TAG.sequence, 'list of extensions that is the only one')
  const extension = readOne(extensions.contents, TAG.sequence, 'extension that is the only one')
  const [id, ...fields] = readAll(extension.contents)
  if (id?.whole.equals(altNames) !== true) throw new DerFault('an extension besides the names')
  // critical or not: DER does not write what is the default
  const [critical, value] = fields.length === 2 ? fields : [undefined, ...fields]
  if (critical !== undefined && (critical.tag !== TAG.boolean || !critical.contents.equals(Buffer.of(0xff))))
    throw new DerFault('an extension in an unusual form')
  if (value?.tag !== TAG.octetString || fields.length > 2) throw new DerFault('an extension in an unusual form')
  return altNamesIn(value.contents)
}
