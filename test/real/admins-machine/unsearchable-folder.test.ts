import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inventoryFiles } from '../../../src/inventory/read/inventory-files.ts'

/** No root: the system lets root search every folder. */
const OTHER = 7100

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keel-unsearchable-'))
  for (const folder of ['hosts', 'hosts/nova', 'hosts/maia']) mkdirSync(join(directory, folder))
  for (const file of ['secrets.yaml', 'hosts/cluster.yaml', 'hosts/maia/host.yaml'])
    writeFileSync(join(directory, file), '{}\n')
  chmodSync(directory, 0o755)
})
afterEach(() => rmSync(directory, { recursive: true }))

test.each([
  ['hosts', 'maia'],
  ['hosts/nova', 'server.yaml'],
])(
  '%s, whose names can be listed and not looked at, is refused: a host in it would count as taken out',
  (folder, name) => {
    writeFileSync(join(directory, 'hosts/nova', 'server.yaml'), 'role: server\n')
    chmodSync(join(directory, folder), 0o744)
    process.seteuid?.(OTHER)
    try {
      expect(() => inventoryFiles(directory), name).toThrow(
        expect.objectContaining({
          code: 'inventory-read',
          at: join(directory, folder),
          found: expect.stringContaining('EACCES'),
        }),
      )
    } finally {
      process.seteuid?.(0)
    }
  },
)
