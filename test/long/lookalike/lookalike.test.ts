import { afterAll, beforeAll, describe, expect } from 'vitest'
import { agents } from './agents.ts'
import { alone, type Own } from './alone.ts'
import { answers } from './answers.ts'
import { type Cluster, clusterUp, differing, lane, measured, nothing } from './cluster.ts'
import { credentials } from './credentials.ts'
import { founding } from './founding.ts'
import { joining } from './joining.ts'
import { kubernetes } from './kubernetes.ts'
import { quorum } from './quorum.ts'
import { restore } from './restore.ts'
import { rotation } from './rotation.ts'

/**
 * What k3s does, as measured (docs/k3s.md), on real hosts: one cluster, from its first server to its loss of quorum and
 * its restore. In the minute that k3s takes to give up without quorum, two of the hosts show what needs no such
 * cluster. The k3s is the lab's: the look-alike, or what KEEL_LAB_K3S names; the last lines say which facts it does not
 * show. Each fact begins where the one before it ended, or makes what it needs where that one failed or did not run:
 * `-t rotation` is enough, and KEEL_FACTS_APART=yes has every fact make it.
 */
let cluster: Cluster
let down: () => Promise<void>

beforeAll(async () => {
  const started = performance.now()
  ;({ cluster, down } = await clusterUp())
  measured['4 hosts booted, k3s on them'] = (performance.now() - started) / 1000
})

afterAll(async () => {
  await down?.()
  for (const [what, seconds] of Object.entries(measured)) console.log(`${what}: ${seconds.toFixed(1)} s`)
  if (cluster === undefined) return
  const { version, kind } = cluster.lab.k3s
  console.log(
    `k3s ${version} (${kind}): ${differing.length === 0 ? 'shows every fact' : `differs in:\n  ${differing.join('\n  ')}`}`,
  )
})

const get = () => cluster
for (const [title, chapter] of Object.entries({ founding, answers, joining, rotation }))
  describe(title, () => chapter(get))
describe('quorum', () =>
  quorum(get, () => {
    let own: Own = { cluster: get, anew: nothing }
    describe('alone', () => {
      own = alone(get)
    })
    describe('agents', () => agents(own))
    describe('credentials', () => credentials(own))
    describe('kubernetes', () => kubernetes(own))
  }))
describe('restore', () => restore(get))

lane()('which k3s this was', nothing, async () => {
  expect(cluster.lab.k3s.version).toMatch(/^v1\./)
})
