import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { HostExit } from '../../../../src/deploy/host/host-script.ts'
import { verifyScript } from '../../../../src/deploy/host/verify-script.ts'
import type { VirtualIp } from '../../../../src/model/cluster.ts'
import { inOrder } from '../../../../src/model/distribution/service.ts'
import { renderedOf } from '../../../../src/targets/render.ts'
import { kubeadmSurroundings, sampleKubeadm } from '../../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost, sampleSurroundings } from '../../../support/samples/sample-cluster.ts'

const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'] })
const maia = sampleHost({ name: 'maia', nodeIPs: ['10.0.0.2'] })
const kubeVip: VirtualIp = { address: '10.0.0.100', manager: 'kube-vip' }
const haVip: VirtualIp = { address: '10.0.0.100', manager: 'ha-vip', interface: 'eth0' }

function rendered(vip: VirtualIp, distribution: 'k3s' | 'kubeadm' = 'kubeadm', host = ocean) {
  const isKubeadm = distribution === 'kubeadm'
  const cluster = sampleCluster([ocean, maia], { vip, ...(isKubeadm ? { distribution: sampleKubeadm } : {}) })
  const one = renderedOf(cluster, host, isKubeadm ? kubeadmSurroundings : sampleSurroundings)
  return { ...one, services: inOrder(one.services, (service) => service) }
}

/** Runs the watch on a healthy server of kubeadm. @param asked the cases over kubectl's arguments that come first */
async function watch(vip: VirtualIp, asked: string) {
  const root = await mkdtemp(join(tmpdir(), 'keel-verify-'))
  const program = (name: string, body: string) => writeFile(join(root, name), `#!/bin/bash\n${body}\n`, { mode: 0o755 })
  await program(
    'systemctl',
    `case "$*" in *ExecMainStart*) echo @1 ;; *) printf 'ActiveState=active\\nJob=\\nNRestarts=0\\n' ;; esac`,
  )
  await program('journalctl', 'true')
  await program(
    'kubectl',
    `case "$*" in\n${asked}
*readyz*) printf ok ;;
*"get node ocean"*) echo "True $(date -u +%Y-%m-%dT%H:%M:%SZ) ready" ;;
*) exit 1 ;;
esac`,
  )
  const { stdout, exitCode } = await execa('bash', ['-s'], {
    input: verifyScript({ rendered: rendered(vip), patience: 3 }),
    reject: false,
    env: { PATH: `${root}:${process.env.PATH}` },
  })
  await rm(root, { recursive: true })
  const lines = stdout.split('\n')
  return {
    exitCode,
    waits: lines.filter((line) => line.startsWith('waiting')),
    failed: lines.find((line) => line.startsWith('failed')),
  }
}

const silent = '*--server=https://10.0.0.100:6443*) sleep 1; exit 1 ;;'
const refused = '*"get pods"*app.kubernetes.io/name=kube-vip*) printf "ErrImagePull\\nErrImagePull\\n\\n" ;;'

// a join reads the settings of the cluster by its address, and kubeadm waits for no more than a minute
describe.concurrent('a server of kubeadm', () => {
  it('has its turn until the API answers by the address', async () => {
    const { exitCode, waits } = await watch(kubeVip, '')
    expect(exitCode).toBe(0)
    expect(waits.slice(-2)).toEqual([
      'waiting for node ocean to be Ready',
      'waiting for the API server to answer at 10.0.0.100',
    ])
  })

  it.each([
    [
      'kube-vip and the reason of its Pods',
      kubeVip,
      `${silent}\n${refused}`,
      'look at the Pods kube-vip in kube-system: ErrImagePull',
    ],
    ['kube-vip, where its Pods tell no reason', kubeVip, silent, 'look at the Pods kube-vip in kube-system'],
    [
      'how to start ha-vip',
      haVip,
      silent,
      'start ha-vip on this host: systemctl enable --now keel-ha-vip.timer ha-vip.service',
    ],
    [
      'what the Pods of ha-vip need',
      { ...haVip, image: 'registry.example/ha-vip:1.2' },
      silent,
      'the Pods ha-vip in kube-system need the Secret that `/etc/ha-vip/keel-ha-vip secret` makes',
    ],
  ] as const)('has failed without that, and the message has %s', async (_what, vip, asked, hint) => {
    expect(await watch(vip, asked)).toMatchObject({
      exitCode: HostExit.Unhealthy,
      failed: `failed: no API server answered at 10.0.0.100 (${hint}) within 3 s`,
    })
  })
})

it.each([
  ['a worker', rendered(kubeVip, 'kubeadm', maia)],
  // its agents ask until somebody answers, and its servers never ask by the address
  ['a server of k3s with kube-vip', rendered(kubeVip, 'k3s')],
  ['a server of k3s with ha-vip', rendered(haVip, 'k3s')],
])('%s does not wait for the address', (_what, one) => {
  expect(verifyScript({ rendered: one, patience: 3 })).not.toContain('to answer at')
})
