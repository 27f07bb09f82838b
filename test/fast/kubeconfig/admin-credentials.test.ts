import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { endOf, readAdminCredentials } from '../../../src/kubeconfig/admin-credentials.ts'
import { makeServerCa } from '../../../src/secrets/pki/server-ca.ts'
import { processorMs } from '../../support/processor-time.ts'

const [ca, other] = [makeServerCa(Date.now()), makeServerCa(0)]
const base64 = (text: string) => Buffer.from(text).toString('base64')
/** k3s.yaml as k3s 1.34 writes it on a server. */
const k3sYaml = ({ authority = ca.certificate, certificate = ca.certificate, key = ca.key } = {}) => `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(authority)}
    server: https://127.0.0.1:6443
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
users:
- name: default
  user:
    client-certificate-data: ${base64(certificate)}
    client-key-data: ${base64(key)}
`

describe("a server's kubeconfig", () => {
  test('gives CA, certificate and key', () => {
    const read = readAdminCredentials(k3sYaml(), 'maia')
    expect(read).toEqual({ ca: ca.certificate, certificate: ca.certificate, key: ca.key })
    expect(endOf(read).getFullYear()).toBe(new Date().getFullYear() + 10)
  })

  test('what it names besides, programs among it, is not taken', () => {
    const text = k3sYaml().replace(
      '  user:\n',
      '  user:\n    exec: {command: /tmp/evil}\n    auth-provider: {name: x}\n',
    )
    expect(Object.keys(readAdminCredentials(text, 'maia'))).toEqual(['ca', 'certificate', 'key'])
  })

  test.each([
    ['nothing', ''],
    ['no YAML', '{'],
    ['no map', '- a'],
    ['two clusters', k3sYaml().replace('clusters:\n', `clusters:\n- cluster: {certificate-authority-data: QQ==}\n`)],
    ['no key', k3sYaml().replace(/ +client-key-data.*\n/, '')],
    ['text for base64', k3sYaml().replace(/(client-key-data: ).*/, '$1"not base64"')],
    ['no certificate', k3sYaml({ certificate: 'hello' })],
    ['the key of another', k3sYaml({ key: other.key })],
    ['no CA', k3sYaml({ authority: 'hello' })],
    ['an alias for each value', k3sYaml().replace(/(client-key-data: ).*/, '$1*a')],
  ])('%s is refused, and shows nothing of it', (_what, text) => {
    expect(() => readAdminCredentials(text, 'maia')).toThrow(
      expect.objectContaining({ code: 'kubeconfig-unread', at: 'maia' }),
    )
  })

  test.each([
    ['maps in maps', '{'.repeat(200_000)],
    ['some hundred of them', '{'.repeat(400)],
    ['keys in keys', '? '.repeat(400)],
    ['a key a line', Array.from({ length: 40_000 }, (_, index) => `k${index}:`).join('\n')],
  ])('attack 6: %s: refused at once', (_what, text) => {
    const took = processorMs(() =>
      expect(() => readAdminCredentials(text, 'maia')).toThrow(expect.objectContaining({ code: 'kubeconfig-unread' })),
    )
    expect(took).toBeLessThan(2000)
  })

  test('attack 6: a certificate that ends at no time', () => {
    const der = new X509Certificate(ca.certificate).raw.toString('latin1')
    const [, end = ''] = der.match(/\d{12}Z/g) ?? []
    const text = Buffer.from(der.replace(end, '999999999999Z'), 'latin1').toString('base64')
    const certificate = `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`
    expect(new X509Certificate(certificate).validTo).toBe('Bad time value')
    expect(() => readAdminCredentials(k3sYaml({ certificate }), 'maia')).toThrow(
      expect.objectContaining({ code: 'kubeconfig-unread', at: 'maia' }),
    )
  })

  test('a certificate that is no CA is refused as one', () => {
    const leaf = execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        '/dev/null',
        '-subj',
        '/CN=a',
        '-addext',
        'basicConstraints=critical,CA:FALSE',
        '-days',
        '1',
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
    expect(() => readAdminCredentials(k3sYaml({ authority: leaf }), 'maia')).toThrow(/do not belong together/)
  })
})
