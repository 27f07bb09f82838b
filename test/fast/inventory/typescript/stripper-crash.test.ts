import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const reader = new URL('../../../../src/inventory/typescript/read-typescript-files.ts', import.meta.url).href

// in a process of its own, because Node strips no types of any file after this
test('a file at which Node’s type stripper crashes is the only one with a fault', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keel-crash-'))
  try {
    writeFileSync(join(folder, 'crash.ts'), '!'.repeat(1 << 20))
    writeFileSync(join(folder, 'innocent.ts'), 'export default 1 as number')
    const script = `
      import { readTypescriptFiles } from ${JSON.stringify(reader)}
      const files = ['crash.ts', 'innocent.ts'].map((file) => ({ kind: 'host', form: 'ts', file, subject: file }))
      const read = await readTypescriptFiles(${JSON.stringify(folder)}, files)
      console.log(JSON.stringify(files.map((one) => read.get(one).faults.map(({ at }) => at))))`
    const out = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
    expect(JSON.parse(out)).toEqual([['crash.ts:1:1'], []])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
