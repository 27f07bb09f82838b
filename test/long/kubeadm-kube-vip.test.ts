import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bringImages } from '../support/lab/bring-images.ts'
import { kubeVipStandIn } from '../support/lab/kube-vip-stand-in.ts'
import { type KubeadmCluster, kubeadmCluster } from '../support/lab/kubeadm-cluster.ts'
import { type SharedAddress, shareAddress } from '../support/lab/shared-address.ts'
import { until } from '../support/until.ts'

/**
 * Three control planes of kubeadm that share an address by Pods, and a worker. kube-vip is a stand-in here, which takes
 * what keel renders for kube-vip and nothing else: so this shows what keel does, and not how kube-vip works.
 */
let cluster: KubeadmCluster
let shared: SharedAddress
let standIn: Awaited<ReturnType<typeof kubeVipStandIn>>
beforeAll(async () => {
  standIn = await kubeVipStandIn()
  cluster = await kubeadmCluster('e2e-kkvip', 3, 1)
  shared = await shareAddress(cluster, `, manager: 'kube-vip', interface: 'eth0', image: '${standIn.tag}'`)
})
afterAll(() => cluster?.down())

const all = ['agent-1 Ready', 'server-1 Ready', 'server-2 Ready', 'server-3 Ready']
const servers = ['server-1', 'server-2', 'server-3'] as const
const nothingToDo = async () => (await cluster.keel.run('plan', '--exit-code')).exitCode === 0
const areReady = async () => (await cluster.nodes().catch(() => [])).join() === all.join()
/** By the kernels of the servers. One that is off has nothing. */
async function holders(): Promise<readonly string[]> {
  const shown = await Promise.all(
    servers.map((name) =>
      cluster
        .host(name)
        .sh(`ip -oneline address show to ${shared.address}`)
        .catch(() => ''),
    ),
  )
  return servers.filter((_, index) => shown[index] !== '')
}
const podsSay = () =>
  cluster
    .kubectl('get', 'pods', '--namespace=kube-system', '--selector=app.kubernetes.io/name=kube-vip')
    .catch(() => '')

describe('an address that Pods move between three control planes', () => {
  test('comes with the first server, however late, and the others join by it in the same deploy', async () => {
    for (const name of ['server-2', 'server-3']) await bringImages(cluster.host(name), standIn)
    const deploying = cluster.keel.expect(0, 'deploy', '--yes', '--patience', '300')
    const late = until(
      'server-1 is Ready, and cannot pull the image',
      async () =>
        /ErrImagePull|ImagePullBackOff/.test(await podsSay()) && (await cluster.nodes()).join() === 'server-1 Ready',
      240,
      500,
    )
    await Promise.race([late, deploying])
    expect(await holders()).toEqual([])
    await bringImages(cluster.host('server-1'), standIn)
    const { seconds } = await deploying
    console.log(`3 + 1 with an address of Pods in one deploy: ${seconds.toFixed(1)} s, with an image that comes late`)
    expect(await cluster.nodes()).toEqual(all)
    for (const server of await shared.ledTo()) expect(server).toContain(`https://${shared.address}:6443`)
    const [holder, ...others] = await holders()
    expect(others).toEqual([])
    expect(await shared.asked()).toBe('ok')
    await cluster.keel.expect(0, 'plan', '--exit-code')
    expect((await cluster.keel.expect(0, 'vip', 'status')).stdout).toContain(
      `${shared.address} is on ${holder} (kube-vip)`,
    )
  })

  test('is on another one when the power of the one that has it is cut, and the API answers by it', async () => {
    const [holder = ''] = await holders()
    const began = performance.now()
    await cluster.lab('power-off', holder)
    await until('the API answers by the address', async () => (await shared.asked()) === 'ok', 120, 100)
    console.log(`power cut: the API answers by the address after ${((performance.now() - began) / 1000).toFixed(1)} s`)
    const [next, ...others] = await holders()
    expect(servers).toContain(next)
    expect([holder, ...others]).not.toContain(next)
    await cluster.lab('start', holder)
    await until('all are Ready', areReady, 180, 500)
    await until('the plan is empty', nothingToDo, 300)
    expect(await holders()).toHaveLength(1)
  })

  test('is back after all machines have rebooted, and the plan is empty', async () => {
    await Promise.all([...servers, 'agent-1'].map((name) => cluster.lab('reboot', name)))
    const began = performance.now()
    await until('the API answers by the address', async () => (await shared.asked()) === 'ok', 300, 500)
    console.log(
      `reboot of all: the API answers by the address after ${((performance.now() - began) / 1000).toFixed(1)} s`,
    )
    await until('all are Ready', areReady, 180, 500)
    await until('the plan is empty', nothingToDo, 300)
    expect(await holders()).toHaveLength(1)
  })
})
