import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { type FarmNode, farmNode, NODE, podOf } from '../support/vkubelet/farm-node.ts'

/** As many Pods as a systemd node takes, with figures: how long they take, and what the program needs for them. */
const MOST = 110
let farm: FarmNode
beforeAll(async () => {
  farm = await farmNode('long-vks')
  await until('the Node is there', async () => (await farm.cluster.nodes()).includes(`${NODE} Ready`))
})
afterAll(() => farm?.remove())

const many = (replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'many' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'many' } },
    template: { metadata: { labels: { app: 'many' } }, spec: (podOf('many') as { readonly spec: object }).spec },
  },
})
const running = async () =>
  Number(await farm.kubectl(`get pods -l app=many --field-selector status.phase=Running -o name | wc -l`))
const ready = async () => Number(await farm.kubectl(`get deployment many -o 'jsonpath={.status.readyReplicas}'`))
/** Milliseconds of a processor so far, and kilobytes in memory. */
const costs = async () => {
  const [jiffies = '', kilobytes = ''] = (
    await farm
      .host()
      .sh(
        "pid=$(systemctl show -p MainPID --value vkubelet-test); awk '{ print $14 + $15 }' /proc/$pid/stat; grep VmRSS /proc/$pid/status",
      )
  ).split('\n')
  return { processor: Number(jiffies) * 10, memory: Number(/\d+/.exec(kilobytes)?.[0]) }
}

test('one Pod runs, and how long that takes', async () => {
  for (const name of ['one', 'two', 'three']) {
    const began = performance.now()
    await farm.apply(podOf(name))
    await farm.waitFor(name, 'condition=Ready')
    console.log(`one Pod: ${Math.round(performance.now() - began)} ms, with two calls of kubectl`)
    await farm.cluster.kubectl('delete', 'pod', name)
  }
})

test('a hundred Pods run, and cost little while they do', async () => {
  const before = await costs()
  const began = performance.now()
  await farm.apply(many(100))
  await until('all of them run', async () => (await ready()) === 100, 180, 500)
  const took = performance.now() - began
  const after = await costs()
  console.log(
    `100 Pods: ${Math.round(took)} ms; the program: ${after.processor - before.processor} ms of ${availableParallelism()} cores, ${after.memory} kB`,
  )
  expect(after.memory).toBeLessThan(120_000)
  // until nothing moves
  await sleep(15_000)
  const from = await costs()
  const since = performance.now()
  await sleep(60_000)
  const to = await costs()
  const share = (to.processor - from.processor) / (performance.now() - since)
  console.log(`100 idle Pods: ${(share * 100).toFixed(2)} % of a core, ${to.memory} kB`)
  expect(share).toBeLessThan(0.02)
  expect(to.memory).toBeLessThan(120_000)
})

test('as many as it takes run, and one more says why it does not', async () => {
  await farm.apply(many(MOST + 1))
  await until('all that can run do', async () => (await ready()) === MOST, 120, 500)
  const told = await until('it says why', async () => {
    const text = await farm.kubectl(
      `get pods -l app=many --field-selector status.phase=Pending -o 'jsonpath={.items[*].status.conditions[*].message}'`,
    )
    return text.includes('Too many pods') ? text : undefined
  })
  console.log(told)
  expect(await running()).toBe(MOST)
  expect(await farm.cluster.nodes()).toContain(`${NODE} Ready`)
  const began = performance.now()
  await farm.cluster.kubectl('delete', 'deployment', 'many')
  await until(
    'no unit is left',
    async () => (await farm.host().sh(`ls /run/systemd/system | grep -c many || true`)).trim() === '0',
    180,
    500,
  )
  console.log(`${MOST} Pods gone: ${Math.round(performance.now() - began)} ms`)
})
