import { expect, test } from 'vitest'
import { undoOrKeep } from '../../../../src/inventory/write/undo-or-keep.ts'

const add = '`git add hosts/maia`'

test.each([
  ['no byte has reached the host', false, undefined, true, 'the inventory is as it was before'],
  ['the host was reached', true, undefined, false, 'maia stays in the inventory; to continue: `keel deploy maia`'],
  [
    'a flake does not see the files yet',
    false,
    add,
    false,
    `maia stays in the inventory; to continue: ${add}, then \`keel deploy maia\``,
  ],
] as const)('when %s', (_, reached, gitAdd, undo, text) => {
  expect(undoOrKeep('maia', reached, gitAdd)).toEqual({ undo, text })
})
