import { until } from '../until.ts'
import type { LabCluster } from './lab-cluster.ts'

/**
 * Starts one Pod on each of the hosts, named after the host. It serves on 8080 and can ask the others. Returns when all
 * are Ready.
 */
export async function podOnEach(
  { kubectl, apply }: Pick<LabCluster, 'kubectl' | 'apply'>,
  hosts: readonly string[],
): Promise<void> {
  // controller-manager creates it some seconds after the API is ready, and the API admits no Pod without it
  await until('the default service account is there', async () =>
    (await kubectl('get', 'serviceaccounts', '--ignore-not-found', 'default')).includes('default'),
  )
  const pods = hosts.map((name) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `on-${name}` },
    spec: {
      nodeName: name,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'localhost/tiny:1', imagePullPolicy: 'Never', args: ['serve', ':8080'] }],
    },
  }))
  await apply({ apiVersion: 'v1', kind: 'List', items: pods })
  const began = performance.now()
  await kubectl('wait', '--for=condition=Ready', 'pods', '--all', '--timeout=90s')
  console.log(`${hosts.length} Pods Ready: ${((performance.now() - began) / 1000).toFixed(1)} s`)
}
