import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { pageRunner } from '../support/docs/page-runner.ts'
import { edit } from '../support/edit.ts'
import { type LabCluster, labCluster } from '../support/lab/lab-cluster.ts'
import { until } from '../support/until.ts'
import { clock } from '../support/vkubelet/clock.ts'
import { serveFarmPackages } from '../support/vkubelet/farm-packages.ts'

// eleven hosts start at once
vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 1_800_000 })

/**
 * The farm of docs/examples/farm in a lab: its own files of hosts, with the addresses and keys of the lab's machines, and
 * its own manifest and page. `barn` is server-1, `farm-01` to `farm-10` are agent-1 to agent-10. The packages are
 * look-alikes (farm-packages.ts).
 */
const example = new URL('../../docs/examples/farm/', import.meta.url)
const names = readdirSync(new URL('hosts', example)).filter((name) => name !== 'cluster.yaml')
const machineOf = (name: string) => (name === 'barn' ? 'server-1' : `agent-${Number(name.slice('farm-'.length))}`)
const ready = names.map((name) => `${name} Ready`)
let cluster: LabCluster
let own: string
let page: ReturnType<typeof pageRunner>
const daemons = clock(() => cluster)
const timed = async <Done>(what: string, work: () => Promise<Done>): Promise<Done> => {
  const began = performance.now()
  const done = await work()
  console.log(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s`)
  return done
}
const allReady = async () => (await cluster.nodes()).join() === ready.join()
const onAll = async () => {
  const pods = await daemons.pods()
  return pods.length === names.length && pods.every(daemons.isReady)
}

beforeAll(async () => {
  own = mkdtempSync(join(tmpdir(), 'keel-farm-'))
  cluster = await labCluster({ name: 'long-farm', agents: names.length - 1 })
  const { inventory, home, keel, lab } = cluster
  for (const { name } of lab.hosts) await rm(join(inventory, 'hosts', name), { recursive: true })
  for (const part of ['hosts', 'manifests'])
    cpSync(fileURLToPath(new URL(part, example)), join(inventory, part), {
      recursive: true,
      filter: (path) => !path.endsWith('cluster.yaml'),
    })
  for (const name of names) {
    const { address, nodeIP } = cluster.host(machineOf(name)).described
    const settings = { address, nodeIP, hostKey: cluster.host(machineOf(name)).hostKey }
    const file = join(inventory, `hosts/${name}/host.yaml`)
    const text = Object.entries(settings).reduce(
      (all, [key, value]) => all.replace(new RegExp(`^${key}: .*$`, 'm'), `${key}: ${value}`),
      readFileSync(file, 'utf8'),
    )
    writeFileSync(file, text)
  }
  await edit(
    join(inventory, 'hosts/cluster.ts'),
    "firstServer: 'server-1',",
    `firstServer: 'barn',\n  defaults: { os: 'debian' },\n  ${await serveFarmPackages(cluster)}`,
  )
  await keel.expect(0, 'rekey')
  page = pageRunner(home, inventory, join(own, 'programs'))
})
afterAll(async () => {
  await cluster?.down()
  rmSync(own, { recursive: true, force: true })
})

test('ten machines and their server come with one deploy, and need no changes afterwards', async () => {
  const { seconds } = await cluster.keel.expect(0, 'deploy', '--yes', '--patience', '600')
  console.log(`${names.length} hosts in one deploy: ${seconds.toFixed(1)} s`)
  expect(await cluster.nodes()).toEqual(ready)
  const runtimes = await cluster.kubectl('get', 'nodes', '-o', 'jsonpath={..containerRuntimeVersion}')
  expect(runtimes.split(' ')).toEqual(names.map(() => 'systemd://252'))
  const plan = await timed('an empty plan', () => cluster.keel.expect(0, 'plan', '--exit-code'))
  expect(plan.stdout).toContain(`No changes: all ${names.length} hosts match the inventory.`)
})

test('a DaemonSet is on all of them', async () => {
  await daemons.apply('true')
  await timed(`a Pod on each of ${names.length} machines`, () => daemons.rolledOut(180))
  expect((await daemons.pods()).map(({ spec }) => spec.nodeName).toSorted()).toEqual(names)
})

test('kubectl reaches the Pods of a machine by its name, though nothing resolves that', async () => {
  expect(await cluster.host('server-1').sh('getent hosts farm-01 farm-07 || true')).toBe('')
  expect(await cluster.kubectl('get', 'pods', '--all-namespaces', '-o', 'jsonpath={..image}')).not.toContain('coredns')
  await timed(`logs and exec on ${names.length} machines`, async () => {
    for (const name of names) {
      const on = ['get', 'pods', '-l', 'app=clock', '--field-selector', `spec.nodeName=${name}`, '-o', 'name']
      const pod = await cluster.kubectl(...on)
      expect(await cluster.kubectl('logs', pod)).toBe('started')
      expect(await cluster.kubectl('exec', pod, '--', 'uname', '-n')).toBe(machineOf(name))
      const summary = await cluster.kubectl('get', '--raw', `/api/v1/nodes/${name}/proxy/stats/summary`)
      expect(JSON.parse(summary).node.nodeName).toBe(name)
    }
  })
})

test('a rollout whose readiness fails stops at the first machine, and is undone', async () => {
  const before = new Set((await daemons.pods()).map(({ metadata }) => metadata.name))
  await daemons.apply('false')
  await timed('a rollout is stuck at its first machine', () => daemons.stuck(names.length))
  await expect(daemons.rolledOut(20)).rejects.toThrow()
  const others = await daemons.stuck(names.length)
  expect(others.every(({ metadata }) => before.has(metadata.name))).toBe(true)
  await cluster.kubectl('rollout', 'undo', 'daemonset/clock')
  await timed('and is undone', () => daemons.rolledOut(300))
  expect(await onAll()).toBe(true)
})

describe('as the page has it', () => {
  const readme = 'docs/examples/farm/README.md'

  test('the machines with the label get a DNS server, and kubectl finds those without', async () => {
    await timed('a package on eight machines', () => page.printed(readme, 'A DNS server on the machines'))
    const [without, silent] = await page.printed(readme, 'The machines without one')
    expect(without?.match(/^(barn|farm-\d+)/gm)).toEqual(['barn', 'farm-09', 'farm-10'])
    expect(silent).toBe('')
  })

  test('an update that does not answer stops at the first machine, and goes back', async () => {
    const [, status] = await page.runs(readme, 'An update that stops by itself', (text) => text.includes('undo'))
    expect(status?.exitCode, status?.stdout).toBe(1)
    const [, silent] = await page.printed(readme, 'The machines without one')
    expect(silent).toMatch(/^farm-0[1-8]$/)
    await page.printed(readme, 'An update that stops by itself', (text) => !text.includes('undo'))
    await timed('the update is undone', () =>
      page.printed(readme, 'A DNS server on the machines', (text) => text.includes('apply')),
    )
    expect((await page.printed(readme, 'The machines without one')).at(-1)).toBe('')
  })
})

test('a machine that is off leaves the others alone, and comes back with its Pods', async () => {
  await cluster.power('power-off', machineOf('farm-07'))
  await timed('farm-07 counts as off', () =>
    until('its Node is not Ready', async () => (await cluster.nodes()).includes('farm-07 NotReady'), 180, 500),
  )
  const others = ready.filter((node) => !node.startsWith('farm-07'))
  expect((await cluster.nodes()).filter((node) => node.endsWith(' Ready'))).toEqual(others)
  const { exitCode, stdout, stderr } = await cluster.keel.run('plan', '--exit-code')
  expect(exitCode, stdout + stderr).toBe(6)
  expect(stdout + stderr).toContain('farm-07')

  await cluster.power('start', machineOf('farm-07'))
  await timed('it is Ready again', () => until('all are Ready', allReady, 180, 500))
  await timed('and so is its Pod', () => until('each machine has its Pod', onAll, 180, 500))
  expect(await page.printed('docs/examples/farm/README.md', 'The machines without one')).toHaveLength(2)
  await cluster.keel.expect(0, 'plan', '--exit-code')
})
