import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SecretRule } from '../../../../src/model/cluster.ts'
import { caKeyHash } from '../../../../src/model/kubeadm/ca-cert-hash.ts'
import { kubeadmCas, kubeadmSecrets, kubernetesCa, serviceAccountKey } from '../../../../src/model/kubeadm/pki.ts'
import { seenCas } from '../../../../src/secrets/check/seen-cas.ts'
import {
  checkServiceAccountKey,
  makeKubeadmCa,
  makeServiceAccountKey,
  verifyKubeadmCa,
} from '../../../../src/secrets/pki/kubeadm-ca.ts'
import { rekey } from '../../../../src/secrets/rekey.ts'
import { openStore } from '../../../../src/secrets/store.ts'
import { checkValue } from '../../../../src/secrets/values/check-value.ts'
import { generateMissingSecrets } from '../../../../src/secrets/values/generate.ts'
import { sampleKubeadm } from '../../../support/samples/kubeadm-cluster.ts'
import { admin, clusterWith, identitiesOf, newKey, rule } from '../../../support/secrets/secret-keys.ts'

const myKey = newKey('ssh-ed25519')
const me = admin('me', myKey)
const now = Date.UTC(2026, 10, 21, 12)
const day = 24 * 60 * 60 * 1000

describe('a CA of kubeadm', () => {
  const ca = makeKubeadmCa(kubernetesCa, now)

  test.each(kubeadmCas)('$commonName is self-signed, on P-256, for ten years', (one) => {
    const parsed = new X509Certificate(makeKubeadmCa(one, now).certificate)
    expect(parsed.subject).toBe(`CN=${one.commonName}`)
    expect(parsed.ca && parsed.verify(parsed.publicKey)).toBe(true)
    expect(parsed.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    expect(parsed.validToDate.toISOString()).toBe('2036-11-18T12:00:00.000Z')
  })

  test.each<[string, Partial<typeof ca>, number, RegExp | undefined]>([
    ['is taken with its key', {}, now, undefined],
    ['is refused with the key of another one', { key: makeKubeadmCa(kubernetesCa, now).key }, now, /another key/],
    ['is refused with something else', { key: 'hunter2' }, now, /not a private key/],
    ['is refused when it has expired', {}, now + 3650 * day, /expired on 2036-11-18/],
    ['is refused without a certificate', { certificate: '' }, now, /no certificate/],
    ['is refused with two certificates', { certificate: ca.certificate.repeat(2) }, now, /more than one/],
  ])('%s', (_what, over, at, found) => {
    const verify = () => verifyKubeadmCa(kubernetesCa, { ...ca, ...over }, at)
    if (found === undefined) expect(verify).not.toThrow()
    else expect(verify).toThrow(expect.objectContaining({ code: 'kubeadm-ca', found: expect.stringMatching(found) }))
  })
})

test.each<[string, string, RegExp | undefined]>([
  ['one of keel', makeServiceAccountKey(), undefined],
  [
    'an RSA key',
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    undefined,
  ],
  [
    'an Ed25519 key',
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    /ed25519/,
  ],
  ['no key', 'hunter2', /not a private key/],
])('the service-account key: %s', (_what, pem, found) => {
  if (found === undefined) expect(() => checkServiceAccountKey(pem)).not.toThrow()
  else
    expect(() => checkServiceAccountKey(pem)).toThrow(expect.objectContaining({ found: expect.stringMatching(found) }))
})

describe('an inventory of kubeadm', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keel-kubeadm-ca-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  const rules: readonly SecretRule[] = kubeadmSecrets.map((name) =>
    rule(name, [me], { generate: name === serviceAccountKey ? 'service-account-key' : 'kubeadm-ca' }),
  )
  const open = () => openStore(directory, { ...clusterWith(rules, [me]), distribution: sampleKubeadm })
  const files = async () => (await readdir(join(directory, 'secrets'))).filter((name) => /\.(age|crt)$/.test(name))

  test('gets its CAs and the service-account key, once', async () => {
    const store = await open()
    expect(await generateMissingSecrets(store)).toEqual(kubeadmSecrets)
    expect((await files()).toSorted()).toEqual(
      [
        ...kubeadmSecrets.map((name) => `${name}.age`),
        'etcd-ca.crt',
        'front-proxy-ca.crt',
        'kubernetes-ca.crt',
      ].toSorted(),
    )
    for (const ca of kubeadmCas) {
      const certificate = await readFile(join(directory, ca.certificateFile), 'utf8')
      const key = Buffer.from(await store.read(ca.key, await identitiesOf(myKey))).toString()
      expect(() => verifyKubeadmCa(ca, { certificate, key }, Date.now())).not.toThrow()
    }
    const own = Buffer.from(await store.read(serviceAccountKey, await identitiesOf(myKey))).toString()
    expect(createPrivateKey(own).asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    expect(await generateMissingSecrets(store)).toEqual([])
    expect((await rekey(store, () => identitiesOf(myKey))).map(({ outcome }) => outcome)).toEqual(
      kubeadmSecrets.map(() => 'kept'),
    )
  })

  test('is asked for its CA by the public key, as a join knows it', async () => {
    const store = await open()
    await generateMissingSecrets(store)
    const pem = await readFile(join(directory, kubernetesCa.certificateFile), 'utf8')
    expect(await store.caCertificate()).toEqual({ pem, hash: caKeyHash(pem) })
  })

  test('gets no new CA where one of its files is lost', async () => {
    const store = await open()
    await generateMissingSecrets(store)
    await rm(join(directory, 'secrets/etcd-ca-key.age'))
    await rm(join(directory, 'secrets/front-proxy-ca.crt'))
    await expect(generateMissingSecrets(store)).rejects.toThrow(expect.objectContaining({ code: 'secret-lost' }))
    expect((await rekey(store, () => identitiesOf(myKey))).map(({ outcome }) => outcome)).toContain('waiting')
    expect(await seenCas(store).then(({ missingCertificates }) => missingCertificates())).toEqual([
      'secrets/front-proxy-ca.crt',
    ])
  })

  test('takes a value by hand only if it belongs to its certificate', async () => {
    const store = await open()
    await generateMissingSecrets(store)
    const cas = { ca: undefined, kubeadm: await store.kubeadmCertificates() }
    const set = (name: (typeof kubeadmSecrets)[number], value: string) => () =>
      checkValue(store.cluster, cas, name, Buffer.from(value))
    const own = Buffer.from(await store.read(kubernetesCa.key, await identitiesOf(myKey))).toString()
    expect(set(kubernetesCa.key, own)).not.toThrow()
    expect(set(kubernetesCa.key, makeServiceAccountKey())).toThrow(/kubernetes-ca.crt: a certificate of another key/)
    expect(set(serviceAccountKey, 'hunter2')).toThrow(/not a private key/)
  })
})
