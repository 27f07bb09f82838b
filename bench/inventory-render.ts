/**
 * What an inventory costs in this process: load, resolve and render of 1,000 to 10,000 hosts, the median of three:
 * `node bench/inventory-render.ts`. Goals: 1,000 hosts in a second; a host of 10,000 costs no more than a host of
 * 1,000.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { bundle } from '../scripts/bundle.ts'
import { writeInventory } from './inventory-render/inventory.ts'
import { median, say } from './support/paired.ts'

const root = new URL('..', import.meta.url).pathname
const FORMS = ['ts', 'yaml'] as const

const scratch = mkdtempSync(join(tmpdir(), 'keel-bench-'))
const bundled = mkdtempSync(join(root, 'node_modules/.bench-'))
try {
  // bundled as keel is: templates are texts that plain node can't import
  await bundle(relative(root, bundled), {
    'load-and-render': 'bench/inventory-render/load-and-render.ts',
    index: 'src/index.ts',
  })
  const { loadAndRender }: typeof import('./inventory-render/load-and-render.ts') = await import(
    join(bundled, 'load-and-render.js')
  )
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
  rmSync(bundled, { recursive: true, force: true })
}
