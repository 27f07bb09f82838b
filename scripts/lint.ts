/** The linter, the types, the directions of imports, dead code, and words that have one place: all at once. */
import { execa } from 'execa'

const checks = [
  ['biome', 'check', '--error-on-warnings', '.'],
  ['tsc', '--noEmit'],
  ['depcruise', '--config', '.dependency-cruiser.cjs', 'src'],
  ['knip'],
  ['node', 'scripts/distribution-words.ts'],
] as const

const ends = await Promise.all(
  checks.map(async ([program, ...args]) => {
    const { failed, all } = await execa(program, args, { preferLocal: true, all: true, reject: false })
    // whole, when it has ended: lines of several would be mixed
    if (failed) process.stdout.write(`${[program, ...args].join(' ')}\n${all ?? ''}\n`)
    return failed
  }),
)
process.exitCode = ends.includes(true) ? 1 : 0
