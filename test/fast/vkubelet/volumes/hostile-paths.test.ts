import fc from 'fast-check'
import { expect, test } from 'vitest'
import { storedObject } from '../../../../src/vkubelet/api/objects.ts'
import { isKey, isPathInside } from '../../../../src/vkubelet/pod/relative-path.ts'

test('no path of a file leaves its volume', () => {
  const part = fc.constantFrom('..', '.', '', 'a', '..a', '...', '\0', '/', 'x'.repeat(256))
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      const path = parts.join('/')
      if (!isPathInside(path)) return
      expect(new URL(path, 'file:///run/v/').pathname.startsWith('/run/v/')).toBe(true)
      expect(path).not.toMatch(/^\.\.|\0/)
    }),
  )
  expect(['a', 'a.b', '..a', '.', '..', 'a/b', ''].map(isKey)).toEqual([true, true, false, false, false, false, false])
})

test('a hostile answer of the API server has no keys', () => {
  for (const answer of [undefined, 7, [], { data: [] }, { data: { a: 7 } }, { data: 'x' }])
    expect(storedObject('secret', answer).files.size).toBe(0)
})
