import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../../src/model/digest.ts'
import { caHashOf, makeToken, parseToken, userOf } from '../../../../src/model/k3s/token.ts'

const hash = sha256('ca')

describe('a token', () => {
  test('is made of 256 random bits in hex, pinned to the CA', () => {
    const tokens = [makeToken(hash, 'server'), makeToken(hash, 'server')]
    for (const token of tokens) expect(token).toMatch(new RegExp(`^K10${hash}::server:[0-9a-f]{64}$`))
    expect(tokens[0]).not.toBe(tokens[1])
    expect(makeToken(hash, 'node')).toMatch(/::node:/)
  })

  test.each([
    ['pinned', `K10${hash}::server:pw`, { kind: 'pinned', caHash: hash, user: 'server', password: 'pw' }],
    ['for agents', `K10${hash}::node:pw`, { kind: 'pinned', caHash: hash, user: 'node', password: 'pw' }],
    [
      'with newlines at its end',
      `K10${hash}::node:pw\r\n\n`,
      { kind: 'pinned', caHash: hash, user: 'node', password: 'pw' },
    ],
    [
      'with colons in the password',
      `K10${hash}::server:a:b::c`,
      { kind: 'pinned', caHash: hash, user: 'server', password: 'a:b::c' },
    ],
    ['the password alone', 'pw', { kind: 'unpinned', password: 'pw' }],
    ['a password that ends as a token starts', 'pwK3S10', { kind: 'unpinned', password: 'pwK3S10' }],
    ['a password with a dot', 'abcdefg.plantedplanted12', { kind: 'unpinned', password: 'abcdefg.plantedplanted12' }],
    ['a longer one with a dot', 'abcdef.plantedplanted123', { kind: 'unpinned', password: 'abcdef.plantedplanted123' }],
    [
      'with an empty hash',
      'K10::server:pw',
      { kind: 'unpinned', user: 'server', password: 'pw', oddity: expect.stringContaining('does not name the CA') },
    ],
    [
      'with a prefix that only looks like one',
      'K3S10::server:pw',
      { kind: 'unpinned', password: 'K3S10::server:pw', oddity: expect.any(String) },
    ],
  ])('is read: %s', (_, text, token) => {
    expect(parseToken(text)).toEqual(token)
  })

  const planted = 'plantedplanted'
  test.each([
    ['nothing', '\n', /empty/],
    ['white space', `${planted} x`, /white space/],
    ['a newline inside', `${planted}\nx`, /white space/],
    ['no ASCII', `${planted}é`, /ASCII/],
    ['a short hash', `K10${hash.slice(1)}::server:${planted}`, /64 hex/],
    ['a long hash', `K10${hash}0::server:${planted}`, /64 hex/],
    ['a hash in capitals', `K10${'A'.repeat(64)}::server:${planted}`, /64 hex/],
    ['another user', `K10${hash}::root:${planted}`, /another user/],
    ['no user', `K10${hash}::${planted}`, /not K10/],
    ['one colon', `K10${hash}:server:${planted}`, /not K10/],
    ['no password', `K10${hash}::server:`, /without a password/],
    ['kubeadm’s shape', 'abcdef.plantedplanted12', /kubeadm/],
    ['kubeadm’s shape in full form', `K10${hash}::server:abcdef.plantedplanted12`, /kubeadm/],
  ])('is refused: %s, and not repeated', (_, text, message) => {
    expect(() => parseToken(text)).toThrow(message)
    expect(() => parseToken(text)).toThrow(expect.not.objectContaining({ message: expect.stringContaining(planted) }))
  })
})

describe('what a text says of itself, no matter whether k3s takes it', () => {
  test.each([
    [`K10${hash}::server:pw`, hash, 'server'],
    [`K10${hash}::node:pw\n`, hash, 'node'],
    ['K10::server:pw', undefined, 'server'],
    ['pw', undefined, undefined],
    [`K3S10${hash}::server:pw`, undefined, undefined],
  ])('%s', (text, ca, user) => {
    expect([caHashOf(text), userOf(text)]).toEqual([ca, user])
  })
})
