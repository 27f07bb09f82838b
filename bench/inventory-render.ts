/**
 * What an inventory costs: `node bench/inventory-render.ts` after `npm run build`. Ratios and times of one run, the median of each:
 * the whole `keel render` of 10 hosts against `node -e 0`; load, resolve and render of 1,000 to 10,000 hosts in this process.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { writeInventory } from './inventory-render/inventory.ts'

const root = new URL('..', import.meta.url).pathname
const RUNS = 15
const FORMS = ['ts', 'yaml'] as const

const scratch = mkdtempSync(join(tmpdir(), 'keel-bench-'))
const bundle = mkdtempSync(join(root, 'node_modules/.bench-'))
try {
  for (const form of FORMS) {
    const directory = writeInventory(join(scratch, form), { form, hosts: 10 })
    const bare: number[] = []
    const render: number[] = []
    for (let run = 0; run < RUNS; run++) {
      // one after the other, so that what else the machine does slows both
      bare.push(timeOf(['-e', '0']))
      render.push(timeOf(['bin/keel.js', 'render', '-C', directory, '--out', join(scratch, 'out')]))
    }
    const [least, whole] = [median(bare), median(render)]
    say(
      `keel render, 10 hosts in ${form}: ${whole.toFixed(0)} ms = ${(whole / least).toFixed(2)} × node -e 0 (${least.toFixed(0)} ms)`,
    )
  }
  const { loadAndRender } = await bundled()
  for (const form of FORMS) {
    const perHost: number[] = []
    for (const hosts of [1000, 3000, 10_000]) {
      const directory = writeInventory(join(scratch, `${form}-${hosts}`), { form, hosts })
      const times: { readonly load: number; readonly render: number }[] = []
      for (let run = 0; run < 3; run++) times.push(await loadAndRender(directory))
      const [load, render] = [median(times.map((time) => time.load)), median(times.map((time) => time.render))]
      perHost.push((load + render) / hosts)
      say(
        `in process, ${hosts} hosts in ${form}: ${(load + render).toFixed(0)} ms (load and resolve ${load.toFixed(0)}, render ${render.toFixed(0)})`,
      )
    }
    say(`a host of 10,000 costs ${((perHost.at(-1) ?? 0) / (perHost[0] ?? 1)).toFixed(2)} × a host of 1,000 in ${form}`)
  }
} finally {
  rmSync(scratch, { recursive: true, force: true })
  rmSync(bundle, { recursive: true, force: true })
}

function timeOf(args: readonly string[]): number {
  const started = performance.now()
  execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  return performance.now() - started
}

/** As scripts/build.ts bundles it: templates are texts that plain node can't import. */
async function bundled(): Promise<typeof import('./inventory-render/load-and-render.ts')> {
  await build({
    absWorkingDir: root,
    entryPoints: { 'load-and-render': 'bench/inventory-render/load-and-render.ts', index: 'src/index.ts' },
    outdir: bundle,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    loader: { '.hbs': 'text' },
    external: ['ssh2'],
    banner: { js: "import { createRequire as keelRequire } from 'node:module'; const require = keelRequire(import.meta.url);" },
    logLevel: 'warning',
  })
  return import(join(bundle, 'load-and-render.js'))
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
