import { expect, test } from 'vitest'
import * as keel from '../../../../src/index.ts'
import { FUNCTIONS } from '../../../../src/inventory/typescript/unknown-name.ts'

test('hints name every function that keel exports, and no other', () => {
  expect([...FUNCTIONS].toSorted()).toEqual(Object.keys(keel).toSorted())
})
