import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { afterAll, expect, test } from 'vitest'
import { DerFault } from '../../../src/agent/approver/request/read-der.ts'
import { readRequest } from '../../../src/agent/approver/request/read-request.ts'

const folder = mkdtempSync(join(tmpdir(), 'keel-requests-'))
afterAll(() => rmSync(folder, { recursive: true }))

function byOpenssl(...args: readonly string[]): string {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'key']
  execaSync('openssl', ['req', '-new', ...key, '-out', 'csr', ...args], { cwd: folder })
  return readFileSync(join(folder, 'csr'), 'utf8')
}

const subject = ['-subj', '/O=system:nodes/CN=system:node:maia']
const names = ['-addext', 'subjectAltName=DNS:maia,DNS:maia.example,IP:10.0.0.2,IP:fd00::2']
const expected = {
  commonName: 'system:node:maia',
  organizations: ['system:nodes'],
  dnsNames: ['maia', 'maia.example'],
  addresses: ['10.0.0.2', 'fd00::2'],
}

test('a request of openssl is read as it was meant', () => {
  expect(readRequest(byOpenssl(...subject, ...names))).toEqual(expected)
  const critical = names.map((name) => name.replace('=', '=critical,'))
  expect(readRequest(byOpenssl(...subject, ...critical))).toEqual(expected)
})

test.each<[string, readonly string[], RegExp]>([
  ['no names', [], /attribute/],
  ['a CA', [...names, '-addext', 'basicConstraints=CA:TRUE'], /extension/],
  ['usages', [...names, '-addext', 'extendedKeyUsage=clientAuth'], /extension/],
  ['a mail address', ['-addext', 'subjectAltName=email:a@maia'], /neither of DNS/],
  ['a wildcard', ['-addext', 'subjectAltName=DNS:*.maia'], /DNS name/],
  ['a signature with SHA-512', [...names, '-sha512'], /SHA-256/],
])('attack 6: a request of openssl with %s is refused', (_what, args, told) => {
  const pem = byOpenssl(...subject, ...args)
  expect(() => readRequest(pem)).toThrow(DerFault)
  expect(() => readRequest(pem)).toThrow(told)
})

/** As client-go's certificate manager makes it, which is the kubelet's. */
const goProgram = `package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"os"
)

func main() {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject:     pkix.Name{CommonName: "system:node:maia", Organization: []string{"system:nodes"}},
		DNSNames:    []string{"maia", "maia.example"},
		IPAddresses: []net.IP{net.ParseIP("10.0.0.2"), net.ParseIP("fd00::2")},
	}, key)
	if err != nil {
		panic(err)
	}
	pem.Encode(os.Stdout, &pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
}
`

const hasGo = !execaSync('go', ['version'], { reject: false }).failed
test.skipIf(!hasGo)('a request of Go, as a kubelet makes it, is read as it was meant', () => {
  writeFileSync(join(folder, 'main.go'), goProgram)
  const { stdout } = execaSync('go', ['run', 'main.go'], { cwd: folder, env: { GO111MODULE: 'off' } })
  expect(readRequest(`${stdout}\n`)).toEqual(expected)
})
