import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { edit } from '../support/edit.ts'
import { type KubeadmCluster, kubeadmCluster } from '../support/lab/kubeadm-cluster.ts'
import { wantKeelAgent } from '../support/lab/want-keel-agent.ts'
import { until } from '../support/until.ts'

vi.setConfig({ testTimeout: 1_200_000 })

/** A worker of kubeadm without a kubelet of kubeadm's: its Pods are units of systemd. */
let cluster: KubeadmCluster
const worker = () => cluster.host('agent-1')

beforeAll(async () => {
  cluster = await kubeadmCluster('e2e-kvks', 1, 1)
  await edit(
    join(cluster.inventory, 'hosts/agent-1/host.ts'),
    "role: 'agent',",
    "role: 'agent',\n  kubelet: 'systemd',\n  systemdKubelet: { programs: ['/usr/bin/sh'] },",
  )
  // its approver lets the Node have a certificate to serve with
  await wantKeelAgent(cluster)
})
afterAll(() => cluster?.down())

test('joins by itself, and needs no changes afterwards', async () => {
  const { seconds } = await cluster.keel.expect(0, 'deploy', '--yes', '--patience', '300')
  console.log(`1 + 1 in one deploy: ${seconds.toFixed(1)} s`)
  expect(await cluster.nodes()).toEqual(['agent-1 Ready', 'server-1 Ready'])
  expect(await worker().sh('systemctl is-active keel-vkubelet; ls -A /run/keel/kubeadm')).toBe('active')
  // the folders are there, so that the keel-agent's unit can hide them
  expect(await worker().sh('find /etc/kubernetes /var/lib/kubelet -type f; pgrep -x kubelet || true')).toBe('')
  expect((await cluster.keel.expect(0, 'plan', '--exit-code')).stdout).toContain('No changes')
})

test('runs a Pod, and kubectl reaches it', async () => {
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'clock' },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': 'agent-1' },
      tolerations: [{ key: 'virtual-kubelet.io/provider', operator: 'Exists' }],
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'exec:/usr/bin/sh', args: ['-c', 'echo started; exec sleep 3600'] }],
    },
  })
  await cluster.kubectl('wait', '--for=condition=Ready', 'pod/clock', '--timeout=60s')
  const logs = await until(
    'kubectl has the log',
    async () => cluster.kubectl('logs', 'clock').catch(() => undefined),
    60,
  )
  expect(logs).toBe('started')
  expect(await cluster.kubectl('exec', 'clock', '--', 'uname', '-n')).toBe('agent-1')
})

test('comes back from a reboot with its Pod, and needs no changes', async () => {
  await cluster.lab('reboot', 'agent-1')
  const began = performance.now()
  await until(
    'the Pod has started again',
    async () => (await cluster.kubectl('get', 'pod', 'clock', '-o', 'jsonpath={..restartCount}')) === '1',
    120,
  )
  await cluster.kubectl('wait', '--for=condition=Ready', 'pod/clock', '--timeout=60s')
  console.log(`the Pod is Ready ${((performance.now() - began) / 1000).toFixed(1)} s after the reboot`)
  expect(await cluster.nodes()).toEqual(['agent-1 Ready', 'server-1 Ready'])
  await cluster.keel.expect(0, 'plan', '--exit-code')
})
