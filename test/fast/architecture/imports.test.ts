import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, describe, expect, it } from 'vitest'

const root = new URL('../../..', import.meta.url).pathname
const copies: string[] = []

afterEach(() => {
  for (const copy of copies.splice(0)) rmSync(copy, { recursive: true })
})

interface Cruise {
  readonly summary: {
    readonly totalCruised: number
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[]
  }
}

async function cruise(directory: string): Promise<Cruise> {
  const { stdout } = await execa('depcruise', ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'], {
    cwd: directory,
    preferLocal: true,
    localDir: root,
    reject: false,
  })
  return JSON.parse(stdout)
}

/** A copy of the sources in which something is wrong. */
function copyWith(file: string, text: string): string {
  const copy = mkdtempSync(join(root, 'node_modules', '.imports-'))
  copies.push(copy)
  for (const name of ['src', '.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  writeFileSync(join(copy, file), text)
  return copy
}

describe('imports', () => {
  it('point one way, and the tool sees every source file', async () => {
    const { summary } = await cruise(root)
    expect(summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`)).toEqual([])
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.endsWith('.d.ts'),
    )
    expect(summary.totalCruised).toBeGreaterThanOrEqual(sources.length)
  })

  it.each([
    ['src/model/wrong.ts', "import '../deploy/redact.ts'\n", 'model-imports-one-way'],
    ['src/plan/wrong.ts', "import { readFile } from 'node:fs/promises'\nexport const read = readFile\n", 'pure-folders-do-no-io'],
    [
      'src/model/wrong-type.ts',
      "import type { Plan } from '../plan/plan.ts'\nexport type Wrong = Plan\n",
      'model-imports-one-way',
    ],
    ['src/deploy/wrong.ts', "import '../commands/plan.ts'\n", 'deploy-imports-one-way'],
    ['src/errors.ts', "import './version.ts'\n", 'errors-import-nothing'],
  ])('that point the other way are found: %s', async (file, text, rule) => {
    const { summary } = await cruise(copyWith(file, text))
    expect(summary.violations.map((violation) => violation.rule.name)).toContain(rule)
  })
})
