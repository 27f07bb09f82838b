/**
 * Tries COUNT inputs, in process, on all that reads what others wrote: inventories in YAML and TypeScript, every field
 * of one, age files, SSH public and private keys, secrets.nix, what clients and its helper say to the keel-agent:
 * `node --import ./bench/templates.ts bench/fuzz.ts COUNT [SEED]`. `--fields` before them: the fields of an inventory
 * alone; `--agent`: the keel-agent alone. Ends with 1 at the first input that makes anything but a fault of keel's own (the same COUNT and SEED make it
 * again), or that takes longer than LIMIT. A third argument `crash` or `hang` plants one, to show that it is found.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { agentTargets } from './fuzz/agent-targets.ts'
import { fieldTargets } from './fuzz/field-targets.ts'
import { inventoryTargets } from './fuzz/inventory-targets.ts'
import { type Random, randomFrom } from './fuzz/random.ts'
import { secretTargets } from './fuzz/secret-targets.ts'
import type { Target, Targets } from './fuzz/target.ts'

/**
 * Milliseconds of work that one input may take; the slowest honest ones take some ten. One that waits for ever does no
 * work.
 */
const LIMIT = 5000
const LONGEST_WAIT = 120_000
/**
 * In the place of an input's index while keel itself is read: longer than some planted limits, and minutes on a machine
 * that does much else.
 */
const LOADING = -1
const LONGEST_LOADING = 900_000

interface Task {
  readonly count: number
  readonly seed: number
  readonly planted: string | undefined
  readonly groups: readonly (keyof typeof GROUPS)[]
  /** The index of the input at work. */
  readonly progress: Int32Array
}

const GROUPS = {
  inventories: inventoryTargets,
  secrets: secretTargets,
  fields: fieldTargets,
  agent: agentTargets,
} satisfies Record<string, Targets>

/** One in eight: a field's input costs as much as six others, as what loads is rendered. */
const MIXED = ['inventories', 'inventories', 'inventories', 'secrets', 'secrets', 'secrets', 'agent', 'fields'] as const
/** Options that choose one group alone. */
const ALONE = { '--fields': 'fields', '--agent': 'agent' } as const

if (isMainThread) watch()
else await work(workerData)

function watch(): void {
  const args = process.argv.slice(2)
  const words = args.filter((word) => !(word in ALONE))
  const alone = Object.entries(ALONE).flatMap(([option, group]) => (args.includes(option) ? [group] : []))
  const groups = alone.length > 0 ? alone : MIXED
  const [count = 10_000, seed = Math.floor(Math.random() * 2 ** 31)] = words.slice(0, 2).map(Number)
  const planted = words[2]
  // what was planted does nothing else
  const limit = planted === undefined ? LIMIT : LIMIT / 10
  const progress = new Int32Array(new SharedArrayBuffer(4)).fill(LOADING)
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { count, seed, planted, groups, progress } satisfies Task,
  })
  const started = performance.now()
  let [last, since, worked] = [LOADING, performance.now(), process.cpuUsage()]
  const clock = setInterval(() => {
    const index = Atomics.load(progress, 0)
    const waited = performance.now() - since
    if (index !== last) [last, since, worked] = [index, performance.now(), process.cpuUsage()]
    else if (index === LOADING) {
      if (waited > LONGEST_LOADING) end(`keel has not been read within ${LONGEST_LOADING / 1000} s`)
    } else if (process.cpuUsage(worked).user > limit * 1000) end(`input ${index} takes longer than ${limit} ms`)
    else if (waited > LONGEST_WAIT) end(`input ${index} waits for longer than ${LONGEST_WAIT / 1000} s`)
  }, 250)
  const end = (failure?: string) => {
    clearInterval(clock)
    void worker.terminate()
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    process.stdout.write(
      failure === undefined
        ? `${count} inputs in ${seconds} s, seed ${seed}: no crash, no hang\n`
        : `seed ${seed}: ${failure}\n`,
    )
    process.exitCode = failure === undefined ? 0 : 1
  }
  worker.on('message', (message: { readonly failure?: string; readonly slowest?: string }) => {
    if (message.slowest !== undefined) process.stdout.write(`${message.slowest}\n`)
    else end(message.failure)
  })
  worker.on('error', (error) => end(String(error.stack)))
}

async function work({ count, seed, planted, groups, progress }: Task): Promise<void> {
  const tried = new Map<string, { inputs: number; slowest: number }>()
  for (let index = 0; index < count; index++) {
    Atomics.store(progress, 0, index)
    const random = randomFrom(seed ^ Math.imul(index, 0x9e3779b1))
    const [name, target] = choose(random, groups)
    const started = performance.now()
    try {
      await target(random)
      if (planted !== undefined && index === count >> 1) plant(planted)
    } catch (error) {
      parentPort?.postMessage({
        failure: `input ${index} (${name}): ${error instanceof Error ? error.stack : String(error)}`,
      })
      return
    }
    const entry = tried.get(name) ?? { inputs: 0, slowest: 0 }
    tried.set(name, { inputs: entry.inputs + 1, slowest: Math.max(entry.slowest, performance.now() - started) })
  }
  for (const [name, { inputs, slowest }] of tried)
    parentPort?.postMessage({ slowest: `${name}: ${inputs} inputs, the slowest ${slowest.toFixed(0)} ms` })
  parentPort?.postMessage({})
}

function choose(random: Random, groups: Task['groups']): readonly [string, Target] {
  let left = random.below(100)
  for (const [name, share, target] of GROUPS[random.pick(groups)]) {
    if (left < share) return [name, target]
    left -= share
  }
  throw new Error('the shares of the targets do not add up to 100')
}

function plant(what: string): void {
  if (what === 'crash') throw new TypeError('planted')
  while (what === 'hang');
}
