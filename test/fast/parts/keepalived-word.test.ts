import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { keepalivedWord } from '../../../src/parts/keepalived/keepalived-word.ts'

describe('a word of keepalived.conf', () => {
  it.each(['eth0', 'tailscale0', '10.0.0.100', 'fd00::100', '/run/keel/vip/verdict', 'br-lan.7', 250])(
    '%s',
    (value) => {
      expect(keepalivedWord(value)).toBe(`${value}`)
    },
  )
  it.each(['', 'a b', 'a\nb', '$HOME', '@one', 'a!b', 'a#b', '{', 'a"', "a'", '-x', '~SEQ(1)'])('never %j', (value) => {
    expect(() => keepalivedWord(value)).toThrow('keepalived.conf')
  })
  test('holds nothing that means something to keepalived', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(keepalivedWord(text)).not.toMatch(/[\s!#$@{}"'~\\]/)
        } catch (error) {
          expect(error).toMatchObject({ code: 'keepalived-word' })
        }
      }),
    )
  })
})
