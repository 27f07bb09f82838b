import { readFile, writeFile } from 'node:fs/promises'
import { get } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bringImages } from '../support/lab/bring-images.ts'
import { type KubeadmCluster, kubeadmCluster } from '../support/lab/kubeadm-cluster.ts'
import { type NextKubernetes, nextKubernetes } from '../support/lab/next-kubernetes.ts'
import { until } from '../support/until.ts'

/** A cluster of kubeadm by keel that goes on to the next version: three control planes and a worker. */
let cluster: KubeadmCluster
beforeAll(async () => {
  cluster = await kubeadmCluster('e2e-kupg', 3, 1)
})
afterAll(() => cluster?.down())

const deploy = (...hosts: readonly string[]) => cluster.keel.expect(0, 'deploy', ...hosts, '--yes', '--patience', '300')
/** Milliseconds: three control planes are restarted one after the other, part after part. */
const timeout = 1_200_000
const names = ['agent-1', 'server-1', 'server-2', 'server-3']
const kubelets = async () =>
  (
    await cluster.kubectl(
      'get',
      'nodes',
      '-o',
      'jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\\n"}{end}',
    )
  )
    .trim()
    .split('\n')
    .toSorted()
const imagesOf = async (label: string) => {
  const shown = await cluster.kubectl(
    '-n',
    'kube-system',
    'get',
    'pods',
    '-l',
    label,
    '-o',
    'jsonpath={range .items[*]}{.spec.containers[0].image}{"\\n"}{end}',
  )
  return [
    ...new Set(
      shown
        .trim()
        .split('\n')
        .map((image) => image.replace(/^.*:/, '')),
    ),
  ]
}

/** The inventory wants it, its image is pinned, and the hosts have what they cannot pull. */
async function want(next: NextKubernetes): Promise<void> {
  const file = join(cluster.inventory, 'hosts/cluster.ts')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace(/version: 'v1[^']*'/, `version: '${next.version}'`))
  await cluster.keel.expect(
    0,
    'sysext',
    'build',
    'kubernetes',
    next.version,
    '--from',
    next.releases,
    '--out',
    join(cluster.inventory, '..'),
  )
  for (const host of cluster.hosts) await bringImages(host, next)
}

/** Whether an API server says that it is ready. It says that to everybody. */
const isReady = (address: string) =>
  new Promise<boolean>((resolve) => {
    const request = get(`https://${address}:6443/readyz`, { rejectUnauthorized: false, timeout: 5000 }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    request.on('error', () => resolve(false)).on('timeout', () => request.destroy())
  })

/** Asks the API of each server, once a second. @returns how often none of them was ready, and how often one was not */
function ask(): { readonly stop: () => Promise<{ readonly none: number; readonly one: number }> } {
  const addresses = cluster.hosts
    .filter(({ name }) => name.startsWith('server'))
    .map(({ described }) => described.nodeIP)
  const stopped = new AbortController()
  const seen = { none: 0, one: 0 }
  const asked = (async () => {
    while (!stopped.signal.aborted) {
      const answers = await Promise.all(addresses.map(isReady))
      if (!answers.includes(true)) seen.none += 1
      if (answers.includes(false)) seen.one += 1
      await sleep(1000)
    }
  })()
  return {
    stop: async () => {
      stopped.abort()
      await asked
      return seen
    },
  }
}

test('one deploy brings the whole cluster to the next patch, and the API answers all the while', {
  timeout,
}, async () => {
  await deploy()
  const next = await nextKubernetes(1)
  await want(next)
  const { stdout } = await cluster.keel.expect(0, 'plan')
  expect(stdout.match(/^\S+ \((server|agent)\)$/gm)).toEqual([
    'server-1 (server)',
    'server-2 (server)',
    'server-3 (server)',
    'agent-1 (agent)',
  ])
  const { stop } = ask()
  const { seconds } = await deploy()
  const { none, one } = await stop()
  expect(none).toBe(0)
  // each of them has been restarted
  expect(one).toBeGreaterThan(0)
  console.log(`3 + 1 to ${next.version} in one deploy: ${seconds.toFixed(1)} s`)
  expect(await kubelets()).toEqual(names.map((name) => `${name} ${next.version}`))
  expect(await imagesOf('tier=control-plane,component!=etcd')).toEqual([next.version])
  await until(
    'kube-proxy is upgraded, too',
    async () => (await imagesOf('k8s-app=kube-proxy')).join() === next.version,
    120,
  )
  expect(await cluster.kubectl('-n', 'kube-system', 'get', 'configmap', 'kubeadm-config', '-o', 'yaml')).toContain(
    `kubernetesVersion: ${next.version}`,
  )
  await cluster.keel.expect(0, 'plan', '--exit-code')
})

test('an upgrade that is killed in the middle goes on by the next deploy', { timeout }, async () => {
  const next = await nextKubernetes(2)
  await want(next)
  const { ended } = cluster.keel.start(['deploy', '--yes', '--patience', '300'])
  const first = cluster.host('server-1')
  const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml'
  await until(
    'kubeadm has replaced the API server',
    async () => (await first.sh(`grep -c ':${next.version}$' ${manifest} || true`)) === '1',
    300,
  )
  await first.sh('systemctl kill --signal=KILL keel-kubeadm.service')
  expect((await ended).exitCode).not.toBe(0)
  await deploy()
  expect(await kubelets()).toEqual(names.map((name) => `${name} ${next.version}`))
  expect(await first.sh('ls -A /etc/kubernetes/tmp | grep -c backup-etcd || true')).toBe('0')
  await cluster.keel.expect(0, 'plan', '--exit-code')
})
