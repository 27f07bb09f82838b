/**
 * Feeds `transpile` with a million configs, made up and mutated, and tells how long it took:
 * `node bench/butane-fuzz.ts [count] [seed]`. A crash or a config that takes longer than a second ends it with status
 * 1; the config is printed.
 */
import fc from 'fast-check'
import { transpile } from '../src/butane/index.ts'
import { arbitraryConfig, yamlOf } from '../test/support/butane/arbitrary-config.ts'
import { butaneCases } from '../test/support/butane/cases.ts'
import { mutated } from '../test/support/butane/mutated.ts'

const count = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31)
const slowest = 1000
const batch = 2000

const madeUp = fc
  .constantFrom('1.0.0', '1.1.0')
  .chain(arbitraryConfig)
  .map(yamlOf)
  .map((text) => Buffer.from(text))
const broken = mutated([...butaneCases().map(({ source }) => source), ...fc.sample(madeUp, { numRuns: 50, seed })])
const either = fc.oneof(madeUp, broken)

const totals = { configs: 0, accepted: 0, bytes: 0, milliseconds: 0, slowest: 0 }
while (totals.configs < count) {
  for (const config of fc.sample(either, {
    numRuns: Math.min(batch, count - totals.configs),
    seed: seed + totals.configs,
  }))
    run(config)
}
console.log(JSON.stringify({ seed, ...totals, perSecond: Math.round(totals.configs / (totals.milliseconds / 1000)) }))

function run(config: Buffer): void {
  const start = performance.now()
  try {
    if (transpile(config).json !== undefined) totals.accepted += 1
  } catch (error) {
    fail(config, String(error instanceof Error ? error.stack : error))
  }
  const took = performance.now() - start
  if (took > slowest) fail(config, `${Math.round(took)} ms`)
  totals.configs += 1
  totals.bytes += config.length
  totals.milliseconds += took
  totals.slowest = Math.max(totals.slowest, took)
}

function fail(config: Buffer, why: string): never {
  console.error(`${why}\nseed ${seed}, after ${totals.configs} configs:\n${config.toString('base64')}`)
  process.exit(1)
}
