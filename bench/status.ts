/**
 * How long `keel status` of ten hosts takes beside the connections alone (`keel exec -- true` on the same hosts), in
 * turn. Goal: at most a second. Run as root: `npm run bench:status [rounds]`.
 */
import { execa } from 'execa'
import { until } from '../test/support/until.ts'
import { inLab } from './support/in-lab.ts'
import { keel, paired, run, say } from './support/paired.ts'

const rounds = Number(process.argv[2] ?? 10)

await inLab('ten-hosts', ['--servers', '3', '--agents', '7'], async ({ there }) => {
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
})
