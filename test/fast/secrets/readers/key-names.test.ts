import { expect, test } from 'vitest'
import { stanzaLabel } from '../../../../src/secrets/age/stanza-label.ts'
import { keyNames } from '../../../../src/secrets/readers/key-names.ts'
import { admin, clusterWith, host, newKey } from '../../../support/secrets/secret-keys.ts'

const [mine, native, ofMaia] = [newKey('ssh-ed25519'), newKey('age1'), newKey('ssh-ed25519')]
const { hosts, ...cluster } = clusterWith([], [admin('me', mine), admin('native', native), host('maia', ofMaia)])
const withoutKey = hosts.map(({ hostKey: _, ...one }) => ({ ...one, name: 'reef' as typeof one.name }))
const nameOf = keyNames({ ...cluster, hosts: [...hosts, ...withoutKey] })

test('a key is named by who holds it, as far as the inventory tells', () => {
  expect(nameOf(stanzaLabel(mine.recipient) ?? '')).toBe('admin me')
  expect(nameOf(native.recipient)).toBe('admin native')
  expect(nameOf(stanzaLabel(ofMaia.recipient) ?? '')).toBe('host maia')
  expect(nameOf('ssh-rsa AAAAAA')).toBe('ssh-rsa AAAAAA (not in the inventory)')
})
