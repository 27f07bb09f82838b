import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blocksOf, textOf } from '../../support/docs/blocks.ts'
import { pageRunner } from '../../support/docs/page-runner.ts'
import { edit } from '../../support/edit.ts'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import { until } from '../../support/until.ts'
import { clock } from '../../support/vkubelet/clock.ts'
import { serveFarmPackages } from '../../support/vkubelet/farm-packages.ts'

/** A farm: on each host Pods are units of systemd, also on the server, which runs k3s without its agent. */
let cluster: LabCluster
const names = ['agent-1', 'agent-2', 'server-1']
const daemons = clock(() => cluster)

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-vkf', agents: 2 })
  const file = (name: string) => join(cluster.inventory, name)
  for (const name of names) {
    const role = name.startsWith('server') ? "role: 'server'," : "role: 'agent',"
    const label = name === 'agent-2' ? '' : "\n  labels: { 'example.com/dns': 'resolver' },"
    await edit(file(`hosts/${name}/host.ts`), role, `${role}\n  kubelet: 'systemd',${label}`)
  }
  const first = "firstServer: 'server-1',"
  await edit(file('hosts/cluster.ts'), first, `${first}\n  ${await serveFarmPackages(cluster)}`)
})
afterAll(() => cluster?.down())

test('is deployed at once, and needs no changes afterwards', async () => {
  const { seconds } = await cluster.keel.expect(0, 'deploy', '--yes')
  console.log(`3 hosts in one deploy: ${seconds.toFixed(1)} s`)
  expect(await cluster.nodes()).toEqual(names.map((name) => `${name} Ready`))
  const { items } = JSON.parse(await cluster.kubectl('get', 'nodes', '-o', 'json'))
  for (const { status } of items) expect(status.nodeInfo.containerRuntimeVersion).toBe('systemd://252')
  expect((await cluster.keel.expect(0, 'plan', '--exit-code')).stdout).toContain('No changes')
})

test('runs a DaemonSet on all hosts, and shows its logs and commands without a weaker TLS', async () => {
  await daemons.apply('true')
  const began = performance.now()
  await daemons.rolledOut()
  console.log(`a Pod on each of 3 hosts: ${Math.round(performance.now() - began)} ms`)
  const pods = await daemons.pods()
  expect(pods.map(({ spec }) => spec.nodeName).toSorted()).toEqual(names)
  for (const { metadata, spec } of pods) {
    expect(await cluster.kubectl('logs', metadata.name)).toBe('started')
    expect(await cluster.kubectl('exec', metadata.name, '--', 'uname', '-n')).toBe(spec.nodeName)
  }
})

test('stops a rollout at the first Pod that is not ready, and takes it back', async () => {
  await daemons.apply('false')
  await daemons.stuck(names.length)
  await cluster.kubectl('rollout', 'undo', 'daemonset/clock')
  await daemons.rolledOut()
  expect((await daemons.pods()).filter(daemons.isReady)).toHaveLength(names.length)
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
    const pods = await daemons.pods()
    return pods.length === names.length && pods.every(daemons.isReady)
  })
  expect((await cluster.keel.expect(0, 'plan', '--exit-code')).stdout).toContain('No changes')
})

describe('as the pages have it', () => {
  const example = 'docs/examples/farm/README.md'
  const own = mkdtempSync(join(tmpdir(), 'keel-farm-'))
  let page: ReturnType<typeof pageRunner>
  beforeAll(() => {
    page = pageRunner(cluster.home, cluster.inventory, join(own, 'programs'))
    const manifests = new URL('../../../docs/examples/farm/manifests', import.meta.url)
    cpSync(fileURLToPath(manifests), join(cluster.inventory, 'manifests'), { recursive: true })
  })
  afterAll(() => rmSync(own, { recursive: true, force: true }))

  test('uptimed, from the first look at the nodes to its end', async () => {
    const first = 'docs/virtual-kubelet.md'
    const manifest = blocksOf(first, textOf(first)).find(({ text }) => text.startsWith('# uptimed.yaml'))
    writeFileSync(join(cluster.inventory, 'uptimed.yaml'), manifest?.text ?? '')
    // the lab is up, and deployed
    const before = /^(keel lab |keel init |cd |\$EDITOR |keel pin|keel deploy)/
    const [nodes, , , pod, logs, unit] = await page.printed(first, 'The first Pod', (text) => before.test(text))
    expect(nodes).toContain('systemd://252')
    expect(pod).toMatch(/uptimed +1\/1 +Running/)
    expect(logs).toBe('uptimed: no useable database found.')
    expect(unit).toContain('[X-Kubernetes]')
    expect(await cluster.kubectl('get', 'pods', '--ignore-not-found', 'uptimed')).toBe('')
  })

  test('a DNS server on the machines with the label, and which have none', async () => {
    await page.printed(example, 'A DNS server on the machines')
    const [without, silent] = await page.printed(example, 'The machines without one')
    expect(without).toContain('agent-2')
    expect(without).not.toMatch(/agent-1|server-1/)
    expect(silent).toBe('')
  })

  test('an update that does not answer stops at the first machine, and goes back', async () => {
    const [, status] = await page.runs(example, 'An update that stops by itself', (text) => text.includes('undo'))
    expect(status?.exitCode, status?.stdout).toBe(1)
    const [, silent] = await page.printed(example, 'The machines without one')
    expect(silent).toMatch(/^(agent-1|server-1)$/)
    await page.printed(example, 'An update that stops by itself', (text) => !text.includes('undo'))
    await page.printed(example, 'A DNS server on the machines', (text) => text.includes('apply'))
    expect((await page.printed(example, 'The machines without one')).at(-1)).toBe('')
  })
})
