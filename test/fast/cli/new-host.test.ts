import { expect, test } from 'vitest'
import { newHost } from '../../../src/commands/shared/new-host.ts'

test.each([[['a=b', 'a=c']], [['a', 'a=b']]])(
  'add-node with labels %j: a key that is given twice is refused',
  (label) => {
    expect(() => newHost({ name: 'luna', address: 'root@10.0.0.9', label }, undefined, undefined)).toThrow(
      'a is given twice',
    )
  },
)

test('add-node takes several labels, and one without a value', () => {
  const { labels } = newHost({ name: 'luna', address: 'root@10.0.0.9', label: ['a=b=c', 'd'] }, undefined, undefined)
  expect(labels).toEqual({ a: 'b=c', d: '' })
})
