import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { describeFault, FaultsError } from '../../../src/errors.ts'
import { loadInventory } from '../../../src/inventory/load.ts'
import { type Case, makeVariant, WRONG } from './variant.ts'

// KEEL_UPDATE_CASES=1 writes what is found into the files: review the diff as code
const update = process.env.KEEL_UPDATE_CASES === '1'

for (const file of readdirSync(WRONG)) {
  const document = parseDocument(readFileSync(join(WRONG, file), 'utf8'))
  const cases: readonly Case[] = document.toJS()
  describe(`wrong inventories: ${file}`, () => {
    test.for(cases.map((one, index) => ({ ...one, index })))('$name', async ({ index, ...one }) => {
      const found = await faultsOf(makeVariant(one))
      if (update) {
        document.setIn([index, 'faults'], document.createNode(found))
        writeFileSync(join(WRONG, file), document.toString({ lineWidth: 0 }))
      } else {
        expect(found).toEqual(one.faults)
      }
      expect(JSON.stringify(found).toLowerCase()).not.toContain('hunter2')
    })
  })
}

async function faultsOf(directory: string) {
  try {
    await loadInventory(directory)
  } catch (error) {
    if (error instanceof FaultsError)
      return error.faults.map((fault) => ({ code: fault.code, text: describeFault(fault) }))
    throw error
  }
  return []
}
