import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { type FarmNode, farmNode, NODE } from '../../support/vkubelet/farm-node.ts'
import { badDayTests } from './bad-day.ts'
import { controllerTests } from './controllers.ts'
import { healthTests } from './health.ts'
import { kubectlTests } from './kubectl.ts'
import { podTests } from './pods.ts'
import { volumeTests } from './volumes.ts'

/**
 * The virtual kubelet with a real API server, scheduler and controller manager, and real systemd with users, seccomp and a
 * journal: a Node beside the one of the host itself. One lab for all of it. deploy.test.ts has the Node that keel deploys.
 */
let farm: FarmNode
beforeAll(async () => {
  farm = await farmNode('e2e-vks')
})
afterAll(() => farm?.remove())

test('the Node is Ready, and says what it is', async () => {
  await until('the Node is there', async () => (await farm.cluster.nodes()).includes(`${NODE} Ready`))
  const node = JSON.parse(await farm.cluster.kubectl('get', 'node', NODE, '-o', 'json'))
  expect(node.status.nodeInfo.containerRuntimeVersion).toBe('systemd://252')
  expect(node.spec.taints).toContainEqual({
    key: 'virtual-kubelet.io/provider',
    value: 'systemd',
    effect: 'NoSchedule',
  })
})

for (const tests of [podTests, volumeTests, healthTests, kubectlTests, controllerTests, badDayTests]) tests(() => farm)
