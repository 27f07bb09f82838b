/**
 * How long `keel status` of ten hosts takes beside the connections alone (`keel exec -- true` on the same hosts), in
 * turn. Goal: at most a second. Run as root: `npm run bench:status [rounds]`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { until } from '../test/support/until.ts'
import { keel, paired, run, say } from './support/paired.ts'

const lab = 'ten-hosts'
const rounds = Number(process.argv[2] ?? 10)
const folder = await mkdtemp(join(tmpdir(), 'keel-bench-'))
const inventory = join(folder, 'inventory')
try {
  await execa(keel, ['lab', 'down', '--name', lab])
  await execa(keel, ['lab', 'up', '--name', lab, '--servers', '3', '--agents', '7'])
  await execa(keel, ['init', inventory, '--lab', lab, '--yes'])
  const { stdout } = await execa(keel, ['lab', 'status', '--name', lab, '--json'])
  const there = ['-C', inventory, '--identity', JSON.parse(stdout).labs[0].identity]
  await execa(keel, ['deploy', ...there])
  const status = ['status', '--exit-code', ...there]
  await until('all is well', async () => (await execa(keel, status, { reject: false })).exitCode === 0)
  const { medians, ratio } = paired(
    rounds,
    () => run(keel, status),
    () => run(keel, ['exec', ...there, '--', 'true']),
  )
  const [whole, connections] = medians.map((time) => (time / 1000).toFixed(2))
  say(`keel status of 10 hosts: ${whole} s = ${ratio.toFixed(2)} × keel exec -- true (${connections} s)`)
} finally {
  await execa(keel, ['lab', 'down', '--name', lab])
  await rm(folder, { recursive: true, force: true })
}
