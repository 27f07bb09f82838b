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
    expect(new Redactor().clean(`level=error msg="no: ${token('node', 'f00dfeed')}"`)).toBe('level=error msg="no: [secret]"')
  })

  it('keeps the CA hashes that tell why a join was refused', () => {
    const line = `token CA hash does not match the Cluster CA certificate hash: ${'a'.repeat(64)} != ${'b'.repeat(64)}`
    expect(new Redactor().clean(line)).toBe(line)
  })
})
