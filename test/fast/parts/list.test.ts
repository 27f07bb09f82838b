import { expect, it } from 'vitest'
import { allParts } from '../../../src/parts/by-part.ts'

it('a part that plans something says when it starts: it would be planned nowhere without that', () => {
  const planned = allParts.filter((part) => part.plan !== undefined)
  expect(planned.length).toBeGreaterThan(2)
  expect(planned.filter(({ starts }) => starts === undefined).map(({ name }) => name)).toEqual([])
})

it('the list has the order of a host’s start: what comes before Kubernetes comes first', () => {
  const order = allParts.flatMap(({ starts }) => starts ?? [])
  expect(order).toEqual(order.toSorted((a, b) => Number(a === 'after') - Number(b === 'after')))
  expect(new Set(order)).toEqual(new Set(['before', 'after']))
})
