/**
 * What keel costs before it has done anything, the whole process beside that of `node -e 0`, in turn:
 * `node bench/start-up.ts [rounds]` after `npm run build`. Goals: `keel --version` at most 1.25 times, `keel render` of
 * ten hosts at most 4 times; of the single executable, if it is built, `--version` at most 1.5 times.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeInventory } from './inventory-render/inventory.ts'
import { executable, keel, paired, run, say } from './support/paired.ts'

const rounds = Number(process.argv[2] ?? 25)
const scratch = mkdtempSync(join(tmpdir(), 'keel-bench-'))
try {
  for (const program of existsSync(executable) ? [keel, executable] : [keel]) {
    const name = program === keel ? 'keel' : 'the executable:'
    compare(`${name} --version`, program, ['--version'])
    for (const form of ['ts', 'yaml'] as const) {
      const directory = writeInventory(join(scratch, form), { form, hosts: 10 })
      compare(`${name} render, 10 hosts in ${form}`, program, [
        'render',
        '-C',
        directory,
        '--out',
        join(scratch, 'out'),
      ])
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function compare(name: string, program: string, args: readonly string[]): void {
  const { medians, ratio } = paired(
    rounds,
    () => run(program, args),
    () => run(process.execPath, ['-e', '0']),
  )
  say(`${name}: ${ratio.toFixed(2)} × node -e 0 (${medians.map((time) => time.toFixed(0)).join(' and ')} ms)`)
}
