import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { documentText } from '../../../src/desired/distribution/kubeadm/document-text.ts'
import { initDocuments, joinDocuments } from '../../../src/desired/distribution/kubeadm/documents.ts'
import type { Json } from '../../../src/model/cluster.ts'
import { minorOf } from '../../../src/model/k3s/k3s-version.ts'
import { caCertHash } from '../../../src/model/kubeadm/ca-cert-hash.ts'
import { pauseImageFor } from '../../../src/model/kubeadm/containerd-support.ts'
import { kubeadmCas } from '../../../src/model/kubeadm/pki.ts'
import { makeKubeadmCa } from '../../../src/secrets/pki/kubeadm-ca.ts'
import { kubeadmVersion, upstreamsKubeadm } from '../../support/kubeadm/upstreams-kubeadm.ts'
import { madeUpClusters, sampleKubeadm } from '../../support/samples/kubeadm-cluster.ts'

/** Upstream's own kubeadm, asked whether it accepts what keel writes. */
const folder = mkdtempSync(join(tmpdir(), 'keel-kubeadm-documents-'))
afterAll(() => rmSync(folder, { recursive: true }))
let kubeadm: string
beforeAll(async () => {
  kubeadm = await upstreamsKubeadm()
}, 1_800_000)

/** What it says: `ok`, or why not. */
function verdict(documents: readonly Json[]): string {
  const file = join(folder, 'kubeadm.yaml')
  writeFileSync(file, documentText(documents.map(withToken)))
  const { status, stdout, stderr } = spawnSync(kubeadm, ['config', 'validate', '--config', file], { encoding: 'utf8' })
  return status === 0 ? `${stdout}${stderr}`.trim() : `${status}: ${stderr}`
}

/** A join gets its token only when it happens. */
function withToken(document: Json): Json {
  const text = JSON.stringify(document)
  return JSON.parse(text.replace('"bootstrapToken":{', '"bootstrapToken":{"token":"abcdef.0123456789abcdef",'))
}

test('it is the version that the inventory takes by default', () => {
  expect(execFileSync(kubeadm, ['version', '-o', 'short'], { encoding: 'utf8' }).trim()).toBe(kubeadmVersion)
  expect(sampleKubeadm.version).toBe(kubeadmVersion)
})

test('it takes the pause image that keel expects', () => {
  const asked = ['config', 'images', 'list', '--kubernetes-version', kubeadmVersion]
  const images = execFileSync(kubeadm, asked, { encoding: 'utf8' }).trim().split('\n')
  expect(images).toContain(pauseImageFor(minorOf(kubeadmVersion) ?? 0))
})

const golden = new URL('../../golden/kubeadm/', import.meta.url).pathname
test.each(readdirSync(golden))('accepts %s', (name) => {
  const read = parseAllDocuments(readFileSync(join(golden, name), 'utf8')).map((one) => one.toJS())
  expect(verdict(read)).toBe('ok')
})

test('accepts the documents of every made-up inventory', () => {
  const { certificate } = makeKubeadmCa(kubeadmCas[0] ?? expect.unreachable(), Date.now())
  fc.assert(
    fc.property(madeUpClusters, ({ cluster, host, founder }) => {
      const { distribution } = cluster
      if (distribution.kind !== 'kubeadm') return expect.unreachable()
      const wanted = { cluster, kubeadm: distribution, host }
      expect(verdict(host.firstServer ? initDocuments(wanted) : joinDocuments(wanted, founder, certificate))).toBe('ok')
    }),
    { numRuns: 150 },
  )
})

test.each<[string, (document: Record<string, Json>) => Json, RegExp]>([
  ['a key that does not exist', (document) => ({ ...document, nodeName: 'ocean' }), /unknown field/],
  [
    'a form of another version',
    (document) => ({ ...document, nodeRegistration: { kubeletExtraArgs: { a: 'b' } } }),
    /cannot unmarshal/,
  ],
])('refuses %s', (_what, change, why) => {
  const name = join(golden, 'join-worker.yaml')
  const [join_ = {}] = parseAllDocuments(readFileSync(name, 'utf8')).map((one) => one.toJS())
  expect(verdict([change(join_)])).toMatch(why)
})

test('knows a CA by the hash that openssl computes', () => {
  for (const ca of kubeadmCas) {
    const { certificate } = makeKubeadmCa(ca, Date.now())
    const key = execFileSync('openssl', ['x509', '-pubkey', '-noout'], { input: certificate })
    const spki = execFileSync('openssl', ['pkey', '-pubin', '-outform', 'der'], { input: key })
    const [hash] = execFileSync('sha256sum', { input: spki, encoding: 'utf8' }).split(' ')
    expect(caCertHash(certificate)).toBe(`sha256:${hash}`)
  }
})
