import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accessOf } from '../../../src/agent/kubernetes/kubeconfig.ts'
import { pauseAfter, renewAt } from '../../../src/agent/operational/schedule.ts'

const unit = fc.double({ min: 0, max: 1, noNaN: true })

describe('a certificate is renewed', () => {
  test('between 57 and 67 hundredths of its life, whenever it began', () => {
    const validity = fc.record({ from: fc.nat(2 ** 40), life: fc.integer({ min: 1, max: 2 ** 40 }) })
    fc.assert(
      fc.property(validity, unit, ({ from, life }, random) => {
        const share = (renewAt({ from, to: from + life }, random) - from) / life
        expect(share).toBeGreaterThan(0.56)
        expect(share).toBeLessThan(0.67)
      }),
    )
  })

  test('not by all nodes at once', () => {
    const times = new Set(Array.from({ length: 50 }, (_, index) => renewAt({ from: 0, to: 1000 }, index / 50)))
    expect(times.size).toBe(50)
  })
})

describe('the pause after a failure', () => {
  test.each([
    [1, 5],
    [2, 10],
    [3, 20],
    [8, 640],
    [9, 900],
    [2000, 900],
  ])('%i times: %i s', (failures, seconds) => {
    expect(pauseAfter(failures, 0.5)).toBe(seconds * 1000)
  })

  test('differs by a fifth at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), unit, (failures, random) => {
        const share = pauseAfter(failures, random) / pauseAfter(failures, 0.5)
        // 6 / 5 is 1.2000000000000002 for some pauses
        expect(share).toBeGreaterThanOrEqual(0.8 - 1e-9)
        expect(share).toBeLessThanOrEqual(1.2 + 1e-9)
      }),
    )
  })
})

interface Parts {
  readonly cluster?: object
  readonly user?: object
  readonly current?: string
}

function kubeconfig({ cluster = {}, user = { token: 'sesame' }, current = 'a' }: Parts): string {
  return JSON.stringify({
    'current-context': current,
    contexts: [
      { name: 'other', context: { cluster: 'none', user: 'none' } },
      { name: 'a', context: { cluster: 'c', user: 'u' } },
    ],
    clusters: [
      { name: 'c', cluster: { server: 'https://[fd00::1]:6443', 'certificate-authority': 'ca.crt', ...cluster } },
    ],
    users: [{ name: 'u', user }],
  })
}

describe('a kubeconfig', () => {
  const read = (parts: Parts) => accessOf(kubeconfig(parts), '/etc/keel/kubeconfig')
  const sesame = { bytes: Buffer.from('sesame') }

  test('means its current context, with paths in its own folder', () => {
    expect(read({})).toEqual({
      server: new URL('https://[fd00::1]:6443'),
      ca: { file: '/etc/keel/ca.crt' },
      client: { kind: 'token', token: sesame },
    })
  })

  test.each<[string, Parts, object]>([
    ['data before a file', { cluster: { 'certificate-authority-data': 'c2VzYW1l' } }, { ca: sesame }],
    [
      'a file of a token before a token',
      { user: { token: 'x', tokenFile: '/t' } },
      { client: { token: { file: '/t' } } },
    ],
    [
      'a certificate before a token',
      { user: { token: 'x', 'client-certificate': 'a.crt', 'client-key-data': 'c2VzYW1l' } },
      { client: { kind: 'certificate', certificate: { file: '/etc/keel/a.crt' }, key: sesame } },
    ],
    [
      'a certificate without its key counts for nothing',
      { user: { token: 'sesame', 'client-certificate': 'a' } },
      { client: { kind: 'token' } },
    ],
  ])('%s', (_what, parts, expected) => {
    expect(read(parts)).toMatchObject(expected)
  })

  test.each<[string, Parts]>([
    ['a server that nobody verifies', { cluster: { 'insecure-skip-tls-verify': true } }],
    ['a server without TLS', { cluster: { server: 'http://127.0.0.1:8080' } }],
    ['no CA', { cluster: { 'certificate-authority': undefined } }],
    ['a plugin as its user', { user: { exec: { command: 'aws' } } }],
    ['a context that is not there', { current: 'b' }],
    ['a context whose cluster is not there', { current: 'other' }],
  ])('attack 6: is refused with %s', (_what, parts) => {
    expect(read(parts)).toBeUndefined()
  })

  test.each(['', 'a: [', '[]', 'null', '&a [*a]', 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]', '\u0000'])(
    'attack 6: is refused when it is %j',
    (text) => {
      expect(accessOf(text, '/x')).toBeUndefined()
    },
  )
})
