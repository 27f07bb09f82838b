import { describe, expect, test } from 'vitest'
import { json } from '../../../src/agent/server/answer.ts'
import { type Asked, decide } from '../../../src/agent/server/decide.ts'
import { type Role, roleOf } from '../../../src/agent/server/role.ts'
import type { Route } from '../../../src/agent/server/route.ts'

describe('the organizations of a certificate give a role', () => {
  test.each<[string | string[] | undefined, Role | undefined]>([
    ['keel:viewers', 'viewer'],
    ['keel:operators', 'operator'],
    [['other', 'keel:viewers'], 'viewer'],
    [['keel:viewers', 'keel:operators'], 'operator'],
    [undefined, undefined],
    ['', undefined],
    ['keel:viewers ', undefined],
    ['Keel:viewers', undefined],
    ['keel:operators,keel:viewers', undefined],
    ['system:masters', undefined],
  ])('%j: %s', (organizations, role) => {
    expect(roleOf(organizations)).toBe(role)
  })
})

const route = (path: string, role: Role): Route => ({ method: 'GET', path, role, answer: () => json({}) })
const seen = route('/v1/seen', 'viewer')
const done = route('/v1/done', 'operator')

const plain = {
  method: 'GET',
  url: '/v1/seen',
  hasBody: false,
  role: 'viewer',
  isExpired: false,
  isOfPage: false,
} as const

function decided(asked: Partial<Asked>): string {
  const found = decide([seen, done], { ...plain, ...asked })
  return 'status' in found ? `${found.status} ${JSON.parse(found.body).error.code}` : found.route.path
}

describe('a request is', () => {
  test.each<[string, Partial<Asked>, string]>([
    ['answered', {}, '/v1/seen'],
    ['answered, whatever its query', { url: '/v1/seen?a=b?c' }, '/v1/seen'],
    ['answered without a body', { method: 'HEAD' }, '/v1/seen'],
    ['answered for an operator too', { role: 'operator' }, '/v1/seen'],
    ['answered for an operator alone', { role: 'operator', url: '/v1/done' }, '/v1/done'],
    ['refused to a viewer', { url: '/v1/done' }, '403 not-an-operator'],
    ['refused at another path', { url: '/v1/seen/' }, '404 not-found'],
    ['refused at a whole URL', { url: 'https://maia/v1/seen' }, '404 not-found'],
    ['refused with another method', { method: 'PUT' }, '405 method-refused'],
    ['refused to a web page', { isOfPage: true, role: 'operator', url: '/v1/done' }, '403 page-refused'],
    ['refused with a body', { hasBody: true }, '413 body-refused'],
    ['refused when the certificate has expired', { isExpired: true, role: 'operator' }, '401 certificate-expired'],
  ])('%s', (_what, asked, expected) => {
    expect(decided(asked)).toBe(expected)
  })

  test.each<[string, string, string | undefined]>([
    ['/v1/of/UNIT/it', '/v1/of/a.service/it', 'a.service'],
    ['/v1/of/UNIT/it', '/v1/of//it', undefined],
    ['/v1/of/UNIT/it', '/v1/of/a/b/it', undefined],
    ['/v1/of/UNIT/it', '/v1/of/it', undefined],
    ['/v1/of/UNIT/it', '/v1/of/../it', '..'],
    ['/v1/of/UNIT/it', '/v1/of/a%2fb/it', 'a%2fb'],
  ])('of a path with a name in it: %s, %s', (pattern, url, unit) => {
    const all = { ...plain, url }
    const found = decide([route(pattern, 'viewer')], all)
    expect('status' in found ? undefined : found.request.unit).toBe(unit)
  })

  test.each(['/v1/seen', '/v1/done', '/nothing'])('refused alike to somebody without a role: %s', (url) => {
    const found = decide([seen, done], { method: 'GET', url, hasBody: true, isExpired: false, isOfPage: true })
    expect(found).toMatchObject({ status: 403 })
  })
})
