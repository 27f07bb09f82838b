import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { readLab } from '../../src/lab/description.ts'
import { LabHost } from '../../test/support/lab/lab-host.ts'
import { keel } from './paired.ts'

/** A lab that is up, and an inventory of it that nothing has deployed yet. */
export interface BenchLab {
  /** For files of the benchmark; it goes with the lab. */
  readonly folder: string
  readonly inventory: string
  /** Words with which keel finds both. */
  readonly there: readonly string[]
  hosts(): Promise<readonly LabHost[]>
}

/**
 * Boots a lab, uses it, and takes it down.
 * @param name one of that name that is up goes first @param words of `keel lab up`
 */
export async function inLab(name: string, words: readonly string[], use: (lab: BenchLab) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'keel-bench-'))
  const inventory = join(folder, 'inventory')
  try {
    await execa(keel, ['lab', 'down', '--name', name])
    await execa(keel, ['lab', 'up', '--name', name, ...words])
    await execa(keel, ['init', inventory, '--lab', name, '--yes'])
    const { identity } = await readLab(name)
    const hosts = async () => (await readLab(name)).hosts.map((host) => new LabHost(name, host))
    await use({ folder, inventory, there: ['-C', inventory, '--identity', identity], hosts })
  } finally {
    await execa(keel, ['lab', 'down', '--name', name])
    await rm(folder, { recursive: true, force: true })
  }
}
