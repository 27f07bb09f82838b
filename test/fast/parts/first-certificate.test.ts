import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { HostName } from '../../../src/model/brands.ts'
import { type FirstPair, firstPair, whyCertify } from '../../../src/parts/keel-agent/first-certificate.ts'
import { makeAgentCa } from '../../../src/secrets/pki/agent-ca.ts'
import { agentCa, DAY, firstPairOf } from '../../support/keel-agent/first-pair.ts'

const wanted = { ca: agentCa.certificate, node: 'ocean' as HostName, names: ['10.0.0.1', 'ocean.example', 'fd00::1'] }
const pair = firstPairOf(wanted)
const later = (days: number): FirstPair => ({ ...pair, now: pair.now + (days * DAY) / 1000 })

describe('a host gets a new first certificate', () => {
  test.each<[string, string | undefined, FirstPair | undefined]>([
    ['if it has none', 'missing', undefined],
    ['not if it has one that fits', undefined, pair],
    ['not before two thirds of its time', undefined, later(242)],
    ['after two thirds of its time', 'ends-soon', later(244)],
    ['after its end', 'ends-soon', later(400)],
    ['not for a clock that is years behind', undefined, later(-9000)],
    ['if others may read its key', 'mode', { ...pair, modes: ['600 root root', '644 root root'] }],
    ['if its key belongs to somebody else', 'mode', { ...pair, modes: ['600 root root', '600 daemon root'] }],
    ['if the key is of another certificate', 'other-key', { ...pair, publicKey: firstPairOf(wanted).publicKey }],
    ['if the key can’t be read', 'other-key', { ...pair, publicKey: '' }],
    ['if it is damaged', 'damaged', { ...pair, certificate: 'AAAA' }],
    ['if another CA has signed it', 'other-ca', firstPairOf(wanted, { ca: makeAgentCa(Date.now()) })],
    ['if it is of another node', 'other-names', firstPairOf({ ...wanted, node: 'bay' as HostName })],
    ['if an address is new', 'other-names', firstPairOf({ ...wanted, names: wanted.names.slice(1) })],
    ['if an address is gone', 'other-names', firstPairOf({ ...wanted, names: [...wanted.names, '10.0.0.2'] })],
  ])('%s', (_, why, seen) => expect(whyCertify(wanted, seen)).toBe(why))
})

test('what the host prints is read back', () => {
  const text = `ActiveState=active
FirstMode=600 root root
FirstMode=600 root root
FirstCertificate=${pair.certificate}
FirstKey=ecdsa-sha2-nistp256 ${pair.publicKey}
FirstSeen=${pair.now}
`
  expect(firstPair.parse(text)).toEqual(pair)
  expect(firstPair.parse('ActiveState=active\n')).toBeUndefined()
  // an answer has lines of 4,096 characters at most
  expect(pair.certificate.length).toBeLessThan(4000)
})

test('the certificate is for a server with these names, and for nothing else', () => {
  const certificate = new X509Certificate(Buffer.from(pair.certificate, 'base64'))
  expect(certificate.subject).toBe('CN=system:node:ocean')
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  expect(certificate.ca).toBe(false)
  expect(certificate.subjectAltName).toBe(
    'DNS:ocean, IP Address:10.0.0.1, DNS:ocean.example, IP Address:FD00:0:0:0:0:0:0:1',
  )
})
