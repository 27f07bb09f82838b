import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** `npm run lint` runs knip with the same settings; here over a package with one of each kind. */
test('knip sees a file, an export and a package that nobody uses', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keel-knip-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const write = (path: string, text: string) => writeFileSync(join(folder, path), text)
  mkdirSync(join(folder, 'src'))
  cpSync(join(root, 'knip.json'), join(folder, 'knip.json'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  write('package.json', JSON.stringify({ name: 'x', type: 'module', dependencies: { zod: '*', yaml: '*' } }))
  write('src/cli.ts', "import * as z from 'zod'\nimport { used } from './parts.ts'\nexport default z.literal(used)\n")
  write(
    'src/parts.ts',
    'export const used = 1\nexport const unused = 2\nexport const usedHere = 3\nconsole.log(usedHere)\n',
  )
  write('src/dead.ts', 'export {}\n')
  const { exitCode, stdout } = await execa('knip', ['--no-config-hints', '--reporter', 'compact'], {
    cwd: folder,
    preferLocal: true,
    localDir: root,
    reject: false,
  })
  expect(stdout).toMatch(/src\/dead\.ts/)
  // what its own file alone uses needs no export
  expect(stdout).toMatch(/src\/parts\.ts: unused, usedHere$/m)
  expect(stdout).toMatch(/package\.json: yaml\b/)
  expect(stdout).not.toMatch(/zod|\bused,/)
  expect(exitCode).toBe(1)
})
