import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Operation } from '../../src/plan/operation.ts'
import type { HostPlan, Plan } from '../../src/plan/plan.ts'
import { edit } from '../support/edit.ts'
import type { Keel } from '../support/keel.ts'
import { askAgent, bringAgentStandIn } from '../support/keel-agent-stand-in.ts'
import { type LabCluster, labCluster } from '../support/lab-cluster.ts'
import { type UnitRun, until } from '../support/lab-host.ts'
import { type Drift, driftsOf, isMend } from './drifts.ts'
import { apiNames, keelAgentAccess } from './keel-agent-access.ts'
import { enrich } from './rich-inventory.ts'

const hosts = ['server-1', 'agent-1'] as const
const agentUnit = 'keel-agent.service'
let cluster: LabCluster
let drifts: Readonly<Record<string, readonly Drift[]>>

const planned = async (keel: Keel): Promise<readonly HostPlan[]> => {
  const plan: Plan = JSON.parse((await keel.expect(0, 'plan', '--json')).stdout)
  expect(plan.refusals).toEqual([])
  return plan.hosts
}
const operationsOn = (plan: readonly HostPlan[], name: string): readonly Operation[] =>
  plan.find(({ host }) => host === name)?.operations ?? []
const clusterFile = () => join(cluster.inventory, 'hosts/cluster.ts')
const invocations = async () =>
  Object.fromEntries(await Promise.all(hosts.map(async (name) => [name, (await cluster.host(name).unit()).InvocationID])))

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-drift' })
  await enrich(cluster)
  const first = await planned(cluster.keel)
  drifts = Object.fromEntries(first.map((plan) => [plan.host, driftsOf(plan)]))
  await cluster.keel.expect(0, 'deploy')
  await cluster.keel.expect(0, 'plan', '--exit-code')
})
afterAll(() => cluster?.down())

describe('what is changed on a host by hand', () => {
  test('all that keel puts on a host is among the changes that follow', async () => {
    const rendered = `${cluster.home}/rendered`
    await cluster.keel.expect(0, 'render', '--out', rendered)
    for (const name of hosts) {
      const files = await cluster.host(name).sh('sort /var/lib/keel/current/manifest')
      const changed = drifts[name]?.map(({ what }) => what).join('\n')
      for (const path of files.split('\n')) expect(changed).toContain(path)
    }
  })

  test('the plan sees each by itself: that host, that path, and no more', async () => {
    const began = performance.now()
    const longest = Math.max(...hosts.map((name) => drifts[name]?.length ?? 0))
    const wrong: object[] = []
    const undo = new Map<string, string>()
    // on both hosts at once, each with one of its own: what the plan says of a host must come from that host
    for (let step = 0; step < longest; step++) {
      const now = hosts.map((name) => ({ host: cluster.host(name), drift: drifts[name]?.[step] }))
      await Promise.all(now.map(({ host, drift }) => host.sh(`${undo.get(host.name) ?? ''}\n${drift?.change ?? ''}`)))
      for (const { host, drift } of now) undo.set(host.name, drift?.undo ?? '')
      const plan = await planned(cluster.keel)
      for (const { host, drift } of now) {
        const operations = operationsOn(plan, host.name)
        const seen = drift?.mends.every(isMend) ? operations.filter(isMend) : operations
        const restarts = operations.some((operation) => operation.op === 'restart-unit' && operation.when === 'always')
        const expected = { mends: drift?.mends ?? [], restarts: drift?.restarts ?? false }
        if (JSON.stringify({ mends: seen, restarts }) !== JSON.stringify(expected))
          wrong.push({ host: host.name, what: drift?.what, operations, expected })
      }
    }
    for (const name of hosts) await cluster.host(name).sh(undo.get(name) ?? '')
    expect(wrong).toEqual([])
    const counted = hosts.map((name) => `${drifts[name]?.length} on ${name}`).join(', ')
    console.log(`${counted}: each seen; ${((performance.now() - began) / 1000).toFixed(1)} s`)
    expect(drifts['server-1']?.length).toBeGreaterThanOrEqual(55)
    expect(drifts['agent-1']?.length).toBeGreaterThanOrEqual(45)
    await cluster.keel.expect(0, 'plan', '--exit-code')
  })
})

test('drop-ins of somebody else on k3s are named, and are no change', async () => {
  const folderOf = (name: string) => `/run/systemd/system/${cluster.host(name).k3sUnit}.d`
  for (const name of hosts)
    await cluster
      .host(name)
      .sh(`mkdir ${folderOf(name)}; echo '[Service]' > ${folderOf(name)}/${name}.conf; systemctl daemon-reload`)
  const { stdout } = await cluster.keel.expect(0, 'plan', '--exit-code')
  for (const name of hosts) expect(stdout).toContain(`note: ${name}: ${folderOf(name)}/${name}.conf: not of keel's making`)
  for (const name of hosts) await cluster.host(name).sh(`rm -r ${folderOf(name)}; systemctl daemon-reload`)
})

describe('one deploy mends', () => {
  const changeAll = async (wanted: (drift: Drift) => boolean) => {
    for (const name of hosts) {
      const changes = drifts[name]?.filter(wanted).map(({ change }) => change) ?? []
      expect(changes.length).toBeGreaterThan(0)
      await cluster.host(name).sh(changes.join('\n'))
    }
  }

  test('every mode, owner and credential, without a restart', async () => {
    const before = await invocations()
    await changeAll(({ what }) => /^(another (mode|owner|group) of|systemctl disable|a touched)/.test(what))
    await changeAll(({ what }) => what.startsWith('other content in /etc/credstore.encrypted/'))
    await cluster.keel.expect(3, 'plan', '--exit-code')
    await cluster.keel.expect(0, 'deploy')
    await cluster.keel.expect(0, 'plan', '--exit-code')
    expect(await invocations()).toEqual(before)
  })

  test('every content and link, with one restart of each unit', async () => {
    const before = await invocations()
    await changeAll(({ what }) => /^(other content in|another target of)/.test(what) && !what.includes('/credentials/'))
    const { stderr } = await cluster.keel.expect(0, 'deploy')
    expect(stderr.match(/: restart k3s/g)).toHaveLength(2)
    await cluster.keel.expect(0, 'plan', '--exit-code')
    const after = await invocations()
    for (const name of hosts) expect(after[name]).not.toBe(before[name])
  })

  test('what has gone altogether, and a service that was stopped', async () => {
    await changeAll(({ what }) => /^(no longer there:|systemctl stop)/.test(what))
    await cluster.keel.expect(0, 'deploy')
    await cluster.keel.expect(0, 'plan', '--exit-code')
    expect(await cluster.kubectl('get', 'nodes', '--no-headers')).not.toContain('NotReady')
  })
})

// from here on, as each plan asks for the objects in the API as well: the many plans above need not
describe('the keel-agent', () => {
  test('comes to a cluster that runs, and waits for its program: enabled, no failure, no restart', async () => {
    const before = await invocations()
    await edit(clusterFile(), "  firstServer: 'server-1',", "  firstServer: 'server-1',\n  keelAgent: true,")
    await cluster.keel.expect(0, 'deploy')
    await cluster.keel.expect(0, 'plan', '--exit-code')
    expect(await invocations()).toEqual(before)
    for (const name of hosts) {
      const shown = await cluster.host(name).sh(`systemctl show -p ActiveState,UnitFileState,Result ${agentUnit} | sort`)
      expect(shown).toBe('ActiveState=inactive\nResult=success\nUnitFileState=enabled')
    }
  })

  test('what is changed of it by hand is seen, part by part, and mended', async () => {
    const [crypto, kubeconfig, config] = ['/var/lib/keel/crypto', '/etc/keel/kubeconfig', '/etc/keel/agent.json']
    const unitFile = `/etc/systemd/system/${agentUnit}`
    await cluster.host('server-1').sh(`rmdir ${crypto}; rm ${kubeconfig} ${config}; touch ${unitFile}`)
    await cluster.host('agent-1').sh(`chmod 755 ${crypto}; chown daemon ${kubeconfig}; echo >> ${config}; chmod 600 ${unitFile}
systemctl disable --quiet ${agentUnit} 2>&1`)
    const plan = await planned(cluster.keel)
    expect(operationsOn(plan, 'server-1')).toEqual([
      { op: 'make-directory', path: crypto, mode: '0700', why: 'missing' },
      { op: 'write-file', path: kubeconfig, why: 'missing' },
      { op: 'write-file', path: config, why: 'missing' },
      { op: 'reload-systemd' },
    ])
    expect(operationsOn(plan, 'agent-1')).toEqual([
      { op: 'make-directory', path: crypto, mode: '0700', why: 'mode' },
      { op: 'write-file', path: kubeconfig, why: 'owner' },
      { op: 'write-file', path: config, why: 'content' },
      { op: 'write-file', path: unitFile, why: 'mode' },
      { op: 'reload-systemd' },
      { op: 'enable-unit', unit: agentUnit },
    ])
    await cluster.keel.expect(0, 'deploy')
    await cluster.keel.expect(0, 'plan', '--exit-code')
  })
})

describe("the keel-agent's rights in the API", () => keelAgentAccess(() => cluster))

describe("the keel-agent's unit", () => {
  const runs = async (): Promise<Readonly<Record<string, UnitRun>>> =>
    Object.fromEntries(await Promise.all(hosts.map(async (name) => [name, await cluster.host(name).unit(agentUnit)])))
  const answers = () => Promise.all(hosts.map((name) => askAgent(cluster.host(name))))

  test('starts it once it is there; under the unit it has its credential, the API, and a folder for its key', async () => {
    await Promise.all(hosts.map((name) => bringAgentStandIn(cluster.host(name))))
    const start = { op: 'run-unit', unit: agentUnit, by: 'start' }
    expect((await planned(cluster.keel)).map(({ operations }) => operations)).toEqual([[start], [start]])
    const before = await invocations()
    await cluster.keel.expect(0, 'deploy')
    await until('both listen', () =>
      answers().then(
        () => true,
        () => false,
      ),
    )
    expect(await answers()).toEqual(hosts.map((node) => ({ node, api: '200', level: 'info' })))
    for (const name of hosts)
      expect(await cluster.host(name).sh('cd /var/lib/keel/crypto; stat -c "%a %U %n" . *')).toBe(
        '700 root .\n600 root operational.key',
      )
    await cluster.keel.expect(0, 'plan', '--exit-code')
    expect(await invocations()).toEqual(before)
  })

  test.each(hosts)(
    "keeps it, on %s, from every other identity, from what root commands the machine by, and from others' files",
    async (name) => {
      const host = cluster.host(name)
      const paths = [
        '/etc/ssh/ssh_host_ed25519_key /etc/shadow /etc/rancher /etc/credstore.encrypted/k3s-agent-token /var/lib/systemd/credential.secret',
        '/var/lib/kubelet /run/systemd/private /run/dbus/system_bus_socket /run/containerd /run/credentials /proc/1/root /root /home',
        ...(name === 'server-1' ? ['/var/lib/rancher/k3s/server /var/lib/rancher/k3s/server/tls/server-ca.key'] : []),
      ].join(' ')
      await host.sh(`for path in ${paths}; do [ -e "$path" ] || { echo "$path is not there"; exit 1; }; done`)
      expect(await askAgent(host, `reach ${paths}`)).toEqual([])
      expect(
        await askAgent(host, 'write / /etc /etc/keel /usr/local/bin /var/lib /var/lib/keel /var/lib/rancher/k3s/agent /run /dev'),
      ).toEqual([])
      // it does find what it may: the question is a real one
      const own = '/var/lib/rancher/k3s/agent/client-kubelet.key /etc/keel/agent.json'
      expect(await askAgent(host, `reach ${own}`)).toEqual(own.split(' '))
    },
  )

  test('stays up while k3s is stopped, and has the API again when it runs', async () => {
    const before = await runs()
    await Promise.all(hosts.map((name) => cluster.host(name).sh(`systemctl stop ${cluster.host(name).k3sUnit}`)))
    expect(await answers()).toEqual(hosts.map((node) => ({ node, api: 'ECONNREFUSED', level: 'info' })))
    const { stderr } = await cluster.keel.expect(0, 'deploy')
    expect(stderr).toContain("server-1: see whether keel's objects are as the inventory says")
    await until('the API answers both', async () => (await answers()).every((one) => JSON.stringify(one).includes('"200"')))
    expect(await runs()).toEqual(before)
  })

  test('starts anew with another configuration, and nothing else does', async () => {
    const [before, others] = [await runs(), await invocations()]
    await edit(clusterFile(), 'keelAgent: true', "keelAgent: { logLevel: 'debug' }")
    await cluster.keel.expect(0, 'deploy')
    await until('both listen again', () =>
      answers().then(
        (all) => all.every((one) => JSON.stringify(one).includes('debug')),
        () => false,
      ),
    )
    for (const [name, run] of Object.entries(await runs())) expect(run.InvocationID).not.toBe(before[name]?.InvocationID)
    expect(await invocations()).toEqual(others)
  })

  test('goes with everything of its own when the inventory drops it, in the API as well, and nothing else goes', async () => {
    const before = await invocations()
    await cluster.kubectl('create', 'clusterrole', 'theirs', '--verb=get', '--resource=pods')
    await cluster.kubectl('label', 'clusterrole', 'theirs', 'app.kubernetes.io/managed-by=keel')
    const names = await apiNames(cluster)
    await edit(clusterFile(), "\n  keelAgent: { logLevel: 'debug' },", '')
    await cluster.keel.expect(0, 'deploy')
    const others = [...names].filter((name) => !/\/keel-(system|agent|approver)$/.test(name))
    expect([...(await apiNames(cluster))]).toEqual(others)
    expect(names.size - others.length).toBe(7)
    for (const name of hosts) {
      const left = await cluster
        .host(name)
        .sh(`[ ! -e /var/lib/keel/crypto ]; ls /etc/keel; systemctl show -p LoadState ${agentUnit}`)
      expect(left).toBe('firewall.nft\nLoadState=not-found')
    }
    await cluster.keel.expect(0, 'plan', '--exit-code')
    expect(await invocations()).toEqual(before)
  })
})
