import { expect, it } from 'vitest'
import type { SecretName, Sha256 } from '../../../../src/model/brands.ts'
import { credentialSource } from '../../../../src/plan/host/credential-source.ts'

const [token, key] = ['token' as SecretName, 's3-key' as SecretName]
const digests = (one: string, two = 'b') =>
  new Map([
    [token, one.repeat(64) as Sha256],
    [key, two.repeat(64) as Sha256],
  ])
const secret = { kind: 'secret', secret: token } as const
const yaml = (bucket: string) => ({ kind: 'yaml', value: { 'etcd-s3-secret-key': { secret: key }, bucket } }) as const

it('changes with the file of each secret in a credential, and of no other', () => {
  expect(credentialSource(secret, digests('a'))).toBe(credentialSource(secret, digests('a', 'c')))
  expect(credentialSource(secret, digests('a'))).not.toBe(credentialSource(secret, digests('c')))
  expect(credentialSource(yaml('x'), digests('a'))).toBe(credentialSource(yaml('x'), digests('c')))
  expect(credentialSource(yaml('x'), digests('a'))).not.toBe(credentialSource(yaml('x'), digests('a', 'c')))
})

it('changes with the shape of a credential', () => {
  expect(credentialSource(yaml('x'), digests('a'))).not.toBe(credentialSource(yaml('y'), digests('a')))
  expect(credentialSource(secret, digests('a', 'a'))).not.toBe(
    credentialSource({ ...secret, secret: key }, digests('a', 'a')),
  )
})
