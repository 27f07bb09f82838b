import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { edit } from '../../support/edit.ts'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import { until } from '../../support/until.ts'

/** A farm: on each host Pods are units of systemd, also on the server, which runs k3s without its agent. */
let cluster: LabCluster
const names = ['agent-1', 'agent-2', 'server-1']

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-vkf', agents: 2 })
  const file = (name: string) => join(cluster.inventory, name)
  for (const name of names) {
    const role = name.startsWith('server') ? "role: 'server'," : "role: 'agent',"
    await edit(file(`hosts/${name}/host.ts`), role, `${role}\n  kubelet: 'systemd',`)
  }
  const first = "firstServer: 'server-1',"
  await edit(
    file('hosts/cluster.ts'),
    first,
    `${first}\n  systemdKubelet: { programs: ['/usr/bin/sleep', '/usr/bin/sh'] },`,
  )
})
afterAll(() => cluster?.down())

/** @param ready the command of its readiness probe */
function daemonSet(ready: string): object {
  const labels = { app: 'clock' }
  const script = 'echo started; exec sleep 3600'
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'clock' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          tolerations: [{ key: 'virtual-kubelet.io/provider', operator: 'Exists' }],
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'main',
              image: 'exec:/usr/bin/sh',
              args: ['-c', script],
              readinessProbe: { exec: { command: [ready] }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  }
}
const onEachNode = async () => {
  const { items } = JSON.parse(await cluster.kubectl('get', 'pods', '-l', 'app=clock', '-o', 'json'))
  return items as readonly { metadata: { name: string }; spec: { nodeName: string }; status: PodStatus }[]
}
interface PodStatus {
  readonly conditions: readonly { readonly type: string; readonly status: string }[]
}
const isReady = ({ conditions }: PodStatus) =>
  conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
const rolledOut = () => cluster.kubectl('rollout', 'status', 'daemonset/clock', '--timeout=90s')

test('is deployed at once, and needs no changes afterwards', async () => {
  const { seconds } = await cluster.keel.expect(0, 'deploy', '--yes')
  console.log(`3 hosts in one deploy: ${seconds.toFixed(1)} s`)
  expect(await cluster.nodes()).toEqual(names.map((name) => `${name} Ready`))
  const { items } = JSON.parse(await cluster.kubectl('get', 'nodes', '-o', 'json'))
  for (const { status } of items) expect(status.nodeInfo.containerRuntimeVersion).toBe('systemd://252')
  expect((await cluster.keel.expect(0, 'plan', '--exit-code')).stdout).toContain('No changes')
})

test('runs a DaemonSet on all hosts, and shows its logs and commands without a weaker TLS', async () => {
  await cluster.apply(daemonSet('true'))
  const began = performance.now()
  await rolledOut()
  console.log(`a Pod on each of 3 hosts: ${Math.round(performance.now() - began)} ms`)
  const pods = await onEachNode()
  expect(pods.map(({ spec }) => spec.nodeName).toSorted()).toEqual(names)
  for (const { metadata, spec } of pods) {
    expect(await cluster.kubectl('logs', metadata.name)).toBe('started')
    expect(await cluster.kubectl('exec', metadata.name, '--', 'uname', '-n')).toBe(spec.nodeName)
  }
})

test('stops a rollout at the first Pod that is not ready, and takes it back', async () => {
  await cluster.apply(daemonSet('false'))
  const [stuck] = await until('one Pod is new and not ready', async () => {
    const pods = await onEachNode()
    const others = pods.filter(({ status }) => !isReady(status))
    return pods.length === names.length && others.length === 1 ? others : undefined
  })
  expect(stuck).toBeDefined()
  await cluster.kubectl('rollout', 'undo', 'daemonset/clock')
  await rolledOut()
  expect((await onEachNode()).filter(({ status }) => isReady(status))).toHaveLength(names.length)
})

test('has a host back after a reboot, with its Pods', async () => {
  await cluster.power('reboot', 'agent-2')
  await until('agent-2 runs its Pod again', async () => {
    const script =
      'systemctl is-active --quiet keel-vkubelet && systemctl list-units --plain --no-legend "vks.*.service"'
    const units = await cluster
      .host('agent-2')
      .sh(script)
      .catch(() => '')
    return units.includes('running')
  })
  await until('all is Ready', async () => {
    const pods = await onEachNode()
    return pods.length === names.length && pods.every(({ status }) => isReady(status))
  })
  expect((await cluster.keel.expect(0, 'plan', '--exit-code')).stdout).toContain('No changes')
})
