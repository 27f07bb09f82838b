import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPins } from '../../src/artifacts/pins.ts'
import { containerdConfig } from '../../src/desired/distribution/kubeadm/containerd-config.ts'
import { withHostKey } from '../../src/inventory/write/host-file.ts'
import { parseSshPublicKey } from '../../src/model/keys/ssh-key.ts'
import type { Operation } from '../../src/plan/operation.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { edit } from '../support/edit.ts'
import { type KubeadmCluster, kubeadmCluster } from '../support/lab/kubeadm-cluster.ts'
import { podOnEach } from '../support/lab/pods.ts'
import { until } from '../support/until.ts'

/**
 * A cluster of kubeadm on two systems, whose containerd keel configures: a Debian control plane, a worker on the lab's
 * look-alike of Flatcar, and a Debian worker.
 */
const hosts = ['server-1', 'agent-1', 'agent-2'] as const
const flatcar = 'agent-1'
const config = '/etc/containerd/config.toml'
const dropIn = '/etc/systemd/system/containerd.service.d/keel.conf'
let cluster: KubeadmCluster

beforeAll(async () => {
  cluster = await kubeadmCluster('e2e-kfcar', 1, 2, [flatcar])
  const own = join(cluster.inventory, 'hosts', flatcar)
  await edit(
    join(cluster.inventory, 'hosts/cluster.ts'),
    "  firstServer: 'server-1',",
    "  firstServer: 'server-1',\n  containerd: 'managed',",
  )
  await cluster.keel.expect(0, 'render', flatcar)
  const key = parseSshPublicKey(await cluster.lab('provision', flatcar, join(own, 'config.ign')))
  const text = await readFile(join(own, 'host.ts'), 'utf8')
  await writeFile(join(own, 'host.ts'), withHostKey(text, key))
})
afterAll(() => cluster?.down())

const deploy = (...names: readonly string[]) => cluster.keel.expect(0, 'deploy', ...names, '--yes', '--patience', '300')
const plan = async (...names: readonly string[]): Promise<Plan> =>
  JSON.parse((await cluster.keel.expect(0, 'plan', '--json', ...names)).stdout)
const containerds = () =>
  Promise.all(hosts.map(async (name) => (await cluster.host(name).unit('containerd.service')).InvocationID))
const ready = hosts.map((name) => `${name} Ready`).toSorted()

test('a Flatcar machine waits for its first deploy, and no unit of it fails', async () => {
  const host = cluster.host(flatcar)
  expect(await host.sh('systemctl show --property=ActiveState,UnitFileState,ConditionResult keel-kubeadm | sort')).toBe(
    'ActiveState=inactive\nConditionResult=no\nUnitFileState=enabled',
  )
  expect(await host.sh('systemctl list-units --failed --no-legend')).toBe('')
  expect(await host.sh('command -v kubelet kubeadm || true')).toBe('')
})

test('one deploy brings up the cluster of both systems, and a plan after it is empty', async () => {
  const before = await containerds()
  const { notes, refusals } = await plan()
  expect(refusals).toEqual([])
  // Flatcar’s own is in /usr
  expect(notes.flatMap(({ code, at }) => (code === 'containerd-replaced' ? [at] : []))).toEqual(['server-1', 'agent-2'])
  const { seconds, stderr } = await deploy()
  console.log(`1 + 2 on two systems, with containerd managed, in one deploy: ${seconds.toFixed(1)} s`)
  // the first boot has brought them
  expect(stderr).not.toMatch(/^agent-1: .*wrote \//m)
  expect(await cluster.nodes()).toEqual(ready)
  await cluster.keel.expect(0, 'plan', '--exit-code')
  const after = await containerds()
  expect(hosts.filter((_, index) => after[index] !== before[index])).toEqual(['server-1', 'agent-2'])
})

test('the kubelet of the Flatcar worker is that of the image', async () => {
  const host = cluster.host(flatcar)
  const info = 'jsonpath={.status.nodeInfo.osImage} {.status.nodeInfo.kubeletVersion}'
  const { described } = cluster
  const lab = described.distribution === 'kubeadm' ? described : expect.unreachable(described.distribution)
  const { version, arch } = lab.kubernetes
  const pinned = (await readPins(cluster.inventory)).artifacts.kubelet?.[version]?.[arch]
  expect(await cluster.kubectl('get', 'node', flatcar, '-o', info)).toMatch(new RegExp(`Flatcar.* ${version}$`))
  expect(await host.sh('readlink "/proc/$(systemctl show --property=MainPID --value kubelet)/exe"')).toBe(
    '/usr/bin/kubelet',
  )
  expect(await host.sh('sha256sum < /usr/bin/kubelet')).toBe(`${pinned?.sha256}  -`)
  expect(await host.sh('systemd-sysext list --no-legend | cut -d " " -f 1')).toContain('kubernetes')
  expect(await host.sh('touch /usr/mine 2>&1 || true')).toMatch(/Read-only file system$/)
})

describe('a containerd that keel configures', () => {
  test('runs with the file of keel, on Flatcar in the place of its own', async () => {
    for (const name of hosts)
      expect(await cluster.host(name).sh(`cat ${config}`)).toBe(
        containerdConfig({ version: '1.6.20~ds1' }, 36).trimEnd(),
      )
    const commandLine = 'tr "\\0" " " < "/proc/$(systemctl show --property=MainPID --value containerd)/cmdline"'
    expect(await cluster.host(flatcar).sh(commandLine)).toBe(`/usr/bin/containerd --config ${config} `)
  })

  test('runs Pods that reach each other', async () => {
    await podOnEach(cluster, hosts)
    const get = async (from: string, to: string) => {
      const address = await cluster.kubectl('get', 'pod', `on-${to}`, '-o', 'jsonpath={.status.podIP}')
      return cluster.kubectl('exec', `on-${from}`, '--', '/tiny', 'get', `http://${address}:8080/`)
    }
    expect(await get('agent-2', flatcar)).toContain(`on-${flatcar}`)
    expect(await get(flatcar, 'server-1')).toContain('on-server-1')
  })
})

describe('what somebody changes by hand', () => {
  test.each<[string, string, string, readonly Operation['op'][]]>([
    ['the file', 'agent-2', `echo '# mine' >> ${config}`, ['write-file', 'restart-reader']],
    ['what names it on Flatcar', flatcar, `rm ${dropIn}`, ['write-file', 'reload-systemd', 'restart-reader']],
  ])('%s: the plan sees it', async (_what, name, change, expected) => {
    await cluster.host(name).sh(change)
    const { hosts: planned, refusals } = await plan(name)
    expect(refusals).toEqual([])
    expect(planned.flatMap(({ operations }) => operations.map(({ op }) => op))).toEqual(expected)
  })

  test('and a merge undone: one deploy mends all, while the Pods run on', async () => {
    const path = 'jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[0].containerID}{"\\n"}{end}'
    const containers = () => cluster.kubectl('get', 'pods', '-o', path)
    const before = await containers()
    await cluster.host(flatcar).sh('systemd-sysext unmerge')
    const { hosts: planned } = await plan(flatcar)
    expect(planned.flatMap(({ operations }) => operations.map(({ op }) => op))).toContain('merge-extensions')
    await deploy()
    await cluster.keel.expect(0, 'plan', '--exit-code')
    await until('all nodes are Ready', async () => (await cluster.nodes()).join() === ready.join())
    expect(await containers()).toBe(before)
  })
})

test('after a reboot of all, the plan is empty and the nodes are Ready', async () => {
  await Promise.all(hosts.map((name) => cluster.lab('reboot', name)))
  await until('the plan is empty', async () => (await cluster.keel.run('plan', '--exit-code')).exitCode === 0, 240)
  await until('all nodes are Ready', async () => (await cluster.nodes()).join() === ready.join())
})
