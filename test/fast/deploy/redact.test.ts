import { describe, expect, it } from 'vitest'
import { Redactor } from '../../../src/deploy/redact.ts'

const token = (user: string, password: string) => `K10${'a'.repeat(64)}::${user}:${password}`

describe('what a host prints', () => {
  it('loses every secret that was sent to it, whole or its password alone', () => {
    const redactor = new Redactor()
    redactor.remember(Buffer.from(token('server', 'correct-horse')))
    expect(redactor.clean(`x ${token('server', 'correct-horse')} y, correct-horse`)).toBe('x [secret] y, [secret]')
  })

  it('loses a token that this deploy had no need to read', () => {
    expect(new Redactor().clean(`level=error msg="no: ${token('node', 'f00dfeed')}"`)).toBe(
      'level=error msg="no: [secret]"',
    )
  })

  it('keeps the CA hashes that tell why a join was refused', () => {
    const line = `token CA hash does not match the Cluster CA certificate hash: ${'a'.repeat(64)} != ${'b'.repeat(64)}`
    expect(new Redactor().clean(line)).toBe(line)
  })

  it.each([
    [`K3S10::server:f00dfeedf00d`, '[secret]'],
    [`K10::node:f00dfeedf00d`, '[secret]'],
    ['--token 0123456789abcdef0123', '--token [secret]'],
    ['K3S_TOKEN=0123456789abcdef0123', 'K3S_TOKEN=[secret]'],
    ['"token":"0123456789abcdef0123"', '"token":"[secret]"'],
    ['abcdef.0123456789abcdef', '[secret]'],
    ['mysql://root:hunter2@tcp(10.0.0.1)', 'mysql://root:[secret]@tcp(10.0.0.1)'],
    // a digit behind a backslash counts as one of the value
    ['token=abcdefghijklmnop\\n1', 'token=[secret]\\n1'],
    ['token=short token=abcdefghijklmnopqrstuvw1', 'token=short token=[secret]'],
    ['token=/run/token=abcdefghijklmnopqrstuvw1', 'token=/run/token=[secret]'],
    ['http://a:b http://c:hunter2@d', 'http://a:b http://c:[secret]@d'],
    ['a://b:c:d://e:hunter2@f', 'a://b:[secret]@f'],
    ['a://b:c/d://e:f', 'a://b:c/d://e:f'],
  ])('loses a secret that another tool left there, by its form: %s', (text, cleaned) => {
    expect(new Redactor().clean(`msg=${text} end`)).toBe(`msg=${cleaned} end`)
  })

  it.each([
    'invalid token CA hash length',
    'must be in format K10<CA-HASH>::<USERNAME>:<PASSWORD> or <PASSWORD>',
    'Waiting for token /run/credentials/k3s.service/k3s-server-token',
    'dial tcp https://10.0.0.1:6443/cacerts: connection refused',
    'bootstrap data already found and encrypted with different token',
  ])('keeps %s', (text) => {
    expect(new Redactor().clean(text)).toBe(text)
  })
})
