import { expect, test } from 'vitest'
import { generateKeyPair } from '../../../../src/lab/host/ssh-keys.ts'
import { parseSshPublicKey } from '../../../../src/model/keys/ssh-key.ts'

test('every key that a lab makes is a key: 2,000 of them, of which the generator beneath spoils one in 256', () => {
  for (let made = 0; made < 2000; made++) {
    const { public: line } = generateKeyPair()
    expect(parseSshPublicKey(line)).toBe(line)
  }
})
