import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Operation } from '../../../src/plan/operation.ts'
import type { HostPlan, Plan } from '../../../src/plan/plan.ts'
import { edit } from '../../support/edit.ts'
import type { Keel } from '../../support/keel/keel.ts'
import { keel as keelHere } from '../../support/keel/keel-in-process.ts'
import { costs, listens } from '../../support/lab/keel-agent.ts'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import { until } from '../../support/until.ts'
import { enrich } from '../rich-inventory.ts'
import { type Drift, driftsOf, inGroups, isMend, someOf } from './drifts.ts'
import { keelAgentAccess } from './keel-agent-access.ts'
import { keelAgentProgram } from './keel-agent-program.ts'

const hosts = ['server-1', 'agent-1'] as const
const agentUnit = 'keel-agent.service'
/** All of them take two minutes: `npm run test:long`. */
const every = process.env.KEEL_TEST_EVERY === 'yes'
let cluster: LabCluster
let drifts: Readonly<Record<string, readonly Drift[]>>

const hostsOf = (json: string): readonly HostPlan[] => {
  const plan: Plan = JSON.parse(json)
  expect(plan.refusals).toEqual([])
  return plan.hosts
}
const planned = async (keel: Keel) => hostsOf((await keel.expect(0, 'plan', '--json')).stdout)
/** In this process: of a hundred plans in a row the start of each would take longer than what it asks. */
const plannedHere = async () => {
  const env = { HOME: cluster.home, PATH: process.env.PATH }
  const { exit, out, err } = await keelHere(cluster.inventory, ['plan', '--json'], '', { env })
  expect(exit, err).toBe(0)
  return hostsOf(out)
}
const operationsOn = (plan: readonly HostPlan[], name: string): readonly Operation[] =>
  plan.find(({ host }) => host === name)?.operations ?? []
const sorted = (operations: readonly Operation[]) => operations.map((one) => JSON.stringify(one)).toSorted()
const clusterFile = () => join(cluster.inventory, 'hosts/cluster.ts')
const invocations = async () =>
  Object.fromEntries(
    await Promise.all(hosts.map(async (name) => [name, (await cluster.host(name).unit()).InvocationID])),
  )

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

  test('the plan sees each: that host, that path, and no more', async () => {
    const began = performance.now()
    const chosen = new Map(hosts.map((name) => [name, every ? (drifts[name] ?? []) : someOf(drifts[name] ?? [])]))
    const groups = new Map(hosts.map((name) => [name, inGroups(chosen.get(name) ?? [])]))
    const longest = Math.max(...[...groups.values()].map(({ length }) => length))
    const wrong: object[] = []
    const undo = new Map<string, string>()
    // on both hosts at once, each with its own: what the plan says of a host must come from that host
    for (let step = 0; step < longest; step++) {
      const now = hosts.map((name) => ({ host: cluster.host(name), changed: groups.get(name)?.[step] ?? [] }))
      const bash = (changed: readonly Drift[], way: 'change' | 'undo') =>
        changed.map((drift, index) => `backup=/root/before-drift-${index}\n${drift[way]}`).join('\n')
      await Promise.all(
        now.map(({ host, changed }) => host.sh(`${undo.get(host.name) ?? ''}\n${bash(changed, 'change')}`)),
      )
      for (const { host, changed } of now) undo.set(host.name, bash(changed, 'undo'))
      const plan = await plannedHere()
      for (const { host, changed } of now) {
        const operations = operationsOn(plan, host.name)
        const mends = changed.flatMap((drift) => drift.mends)
        const seen = mends.every(isMend) ? operations.filter(isMend) : operations
        const restarts = operations.some((operation) => operation.op === 'restart-unit' && operation.when === 'always')
        const expected = { mends: sorted(mends), restarts: changed.some((drift) => drift.restarts) }
        if (JSON.stringify({ mends: sorted(seen), restarts }) !== JSON.stringify(expected))
          wrong.push({ host: host.name, what: changed.map(({ what }) => what), operations, expected })
      }
    }
    for (const name of hosts) await cluster.host(name).sh(undo.get(name) ?? '')
    expect(wrong).toEqual([])
    const counted = hosts.map((name) => `${chosen.get(name)?.length} of ${drifts[name]?.length} on ${name}`).join(', ')
    console.log(`${counted}: each seen; ${((performance.now() - began) / 1000).toFixed(1)} s`)
    expect(drifts['server-1']?.length).toBeGreaterThanOrEqual(55)
    expect(drifts['agent-1']?.length).toBeGreaterThanOrEqual(45)
    await cluster.keel.expect(0, 'plan', '--exit-code')
  }, 600_000)
})

test('drop-ins of somebody else on k3s are named, and are no change', async () => {
  const folderOf = (name: string) => `/run/systemd/system/${cluster.host(name).k3sUnit}.d`
  for (const name of hosts)
    await cluster
      .host(name)
      .sh(`mkdir ${folderOf(name)}; echo '[Service]' > ${folderOf(name)}/${name}.conf; systemctl daemon-reload`)
  const { stdout } = await cluster.keel.expect(0, 'plan', '--exit-code')
  for (const name of hosts) expect(stdout).toContain(`note: ${name}: ${folderOf(name)}/${name}.conf: not from keel`)
  for (const name of hosts) await cluster.host(name).sh(`rm -r ${folderOf(name)}; systemctl daemon-reload`)
})

describe('what is there beside keel', () => {
  const agent = () => cluster.host('agent-1')
  const config = '/etc/rancher/k3s/config.yaml.d'
  const foreignUnit =
    '[Service]\\nType=notify\\nRestart=always\\nRestartSec=5\\nExecStart=/usr/local/bin/k3s server\\n[Install]\\nWantedBy=multi-user.target\\n'

  test('on a host as keel leaves it nothing is', async () => {
    const plan: Plan = JSON.parse((await cluster.keel.expect(0, 'plan', '--json')).stdout)
    expect({ refusals: plan.refusals, notes: plan.notes }).toEqual({ refusals: [], notes: [] })
  })

  test('the unit of the other role: refused with the line that disables it; afterwards a note', async () => {
    await agent().sh(
      `printf '${foreignUnit}' > /etc/systemd/system/k3s.service; systemctl enable --quiet k3s.service 2>&1`,
    )
    const { stdout } = await cluster.keel.expect(1, 'plan')
    console.log(stdout)
    expect(stdout).toMatch(
      /refused: agent-1: k3s\.service \(\/etc\/systemd\/system\/k3s\.service\) is not from keel, and starts k3s server: it is enabled/,
    )
    expect((await cluster.keel.expect(1, 'deploy', 'agent-1')).stderr).toContain('systemctl disable --now k3s.service')
    await agent().sh('systemctl disable --quiet --now k3s.service 2>&1')
    expect((await cluster.keel.expect(0, 'plan', '--exit-code')).stdout).toContain(
      'note: agent-1: /etc/systemd/system/k3s.service: not from keel',
    )
    await agent().sh('rm /etc/systemd/system/k3s.service; systemctl daemon-reload')
  })

  test('a unit of any name that a timer starts, a cron line, a program on a port of k3s: each named', async () => {
    await agent().sh(`mkdir -p /run/systemd/system /etc/cron.d
printf '[Service]\\nExecStart=/bin/sh -c "exec /opt/k3s agent --token hunter2hunter2"\\n' > /run/systemd/system/mine.service
printf '[Timer]\\nOnCalendar=2099-01-01\\n' > /run/systemd/system/mine.timer
systemctl daemon-reload; systemctl start mine.timer
echo '@reboot root /usr/local/bin/k3s server --token hunter2hunter2' > /etc/cron.d/mine
systemd-run --quiet --unit=squatter --socket-property=ListenDatagram=8472 true`)
    const { stdout } = await cluster.keel.expect(1, 'plan')
    console.log(stdout)
    expect(stdout).toMatch(/mine\.service \(.*\) is not from keel, and starts k3s agent: it is started by mine\.timer/)
    expect(stdout).toContain('`systemctl disable --now mine.service mine.timer` on the host')
    expect(stdout).toContain('note: agent-1: /etc/cron.d/mine:1: not from keel, and runs k3s server')
    expect(stdout).toContain('port 8472/udp is in use by systemd')
    expect(stdout).not.toContain('hunter2')
    await agent().sh(
      `systemctl stop mine.timer squatter.socket; rm /run/systemd/system/mine.* /etc/cron.d/mine; systemctl daemon-reload`,
    )
  })

  test('files that k3s reads: refused where they decide what keel decides, else a note; no value is shown', async () => {
    await agent().sh(`printf 'node-name: oldname\\nnode-label: [old=hunter2]\\n' > ${config}/99-local.yaml
printf 'kubelet-arg: [max-pods=7]\\n' > ${config}/50-mine.yaml; echo 'configs: {}' > /etc/rancher/k3s/registries.yaml`)
    const refused = await cluster.keel.expect(1, 'plan')
    console.log(refused.stdout)
    expect(refused.stdout).toContain(`refused: agent-1: ${config}/99-local.yaml is not from keel, and sets node-name`)
    expect(refused.stdout).toContain(`note: agent-1: ${config}/50-mine.yaml: not from keel; sets kubelet-arg`)
    expect(refused.stdout).toContain('note: agent-1: /etc/rancher/k3s/registries.yaml: not from keel')
    expect(refused.stdout).not.toContain('hunter2')
    await agent().sh(`rm ${config}/99-local.yaml`)
    await cluster.keel.expect(0, 'plan', '--exit-code')
    await agent().sh(`rm ${config}/50-mine.yaml /etc/rancher/k3s/registries.yaml`)
  })

  /**
   * Every 30 s from its start, etcd looks for files to purge. It ends if their folder is gone (purgeFile in etcd's
   * server.go).
   */
  const etcdHasJustLooked = () =>
    until(
      'etcd has just looked into its folder',
      async () => {
        const sinceOneLook = Number(await cluster.host('server-1').sh('ps -C etcd -o etimes=')) % 30
        return sinceOneLook >= 5 && sinceOneLook <= 18
      },
      60,
      500,
    )

  test("data that was deleted while k3s runs: an agent joins anew, the only server's is refused", async () => {
    await agent().sh('rm -rf /var/lib/rancher/k3s/agent')
    await etcdHasJustLooked()
    await cluster.host('server-1').sh('mv /var/lib/rancher/k3s/server /var/lib/rancher/k3s/kept')
    const { stdout } = await cluster.keel.expect(1, 'plan', 'server-1')
    console.log(stdout)
    expect(stdout).toContain(
      'refused: server-1: k3s runs on this host, but its data in /var/lib/rancher/k3s/server was deleted',
    )
    await cluster
      .host('server-1')
      .sh('rm -rf /var/lib/rancher/k3s/server; mv /var/lib/rancher/k3s/kept /var/lib/rancher/k3s/server')
    const before = await invocations()
    const deployed = await cluster.keel.expect(0, 'deploy')
    console.log(deployed.stderr)
    expect(deployed.stderr).toContain(
      'agent-1: told systemd to restart k3s-agent.service (its data was deleted while it ran)',
    )
    await cluster.keel.expect(0, 'plan', '--exit-code')
    const after = await invocations()
    expect([after['server-1'] === before['server-1'], after['agent-1'] === before['agent-1']]).toEqual([true, false])
    expect(await cluster.kubectl('get', 'nodes', '--no-headers')).not.toContain('NotReady')
  })

  test('a Node that took another address than the firewalls let in: the deploy ends with it, and each plan says so', async () => {
    const file = join(cluster.inventory, 'hosts/agent-1/host.ts')
    const nodeIP = `  nodeIP: '${agent().described.nodeIP}',\n`
    await agent().sh(`ip link add v0 type veth peer name v1; ip addr add 192.168.50.2/24 dev v0; ip link set v0 up; ip link set v1 up
ip route > /root/routes; ip route replace default via 192.168.50.1 dev v0`)
    await edit(file, nodeIP, '')
    const { stderr } = await cluster.keel.expect(1, 'deploy', 'agent-1')
    console.log(stderr)
    expect(stderr).toContain(
      `agent-1: its Node has the address 192.168.50.2, but the firewalls of the other nodes accept ${agent().described.nodeIP}`,
    )
    expect(stderr).toContain(`set nodeIP in hosts/agent-1: \`nodeIP: '${agent().described.nodeIP}'\``)
    expect((await cluster.keel.expect(1, 'plan')).stdout).toContain(
      'refused: agent-1: its Node has the address 192.168.50.2',
    )
    await edit(file, '  hostKey:', `${nodeIP}  hostKey:`)
    await cluster.keel.expect(0, 'deploy', 'agent-1')
    await agent().sh('ip link del v0')
    await cluster.keel.expect(0, 'plan', '--exit-code')
  })
})

describe('one deploy mends', () => {
  const changeAll = async (wanted: (drift: Drift) => boolean) => {
    for (const name of hosts) {
      const changes = drifts[name]?.filter(wanted).map(({ change }) => change) ?? []
      expect(changes.length).toBeGreaterThan(0)
      await cluster.host(name).sh(`backup=/root/before-drift\n${changes.join('\n')}`)
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
    expect(stderr.match(/: told systemd to restart k3s/g)).toHaveLength(2)
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
  test('comes to a cluster that runs, with its program, and restarts nothing', async () => {
    const before = await invocations()
    await edit(clusterFile(), "  firstServer: 'server-1',", "  firstServer: 'server-1',\n  keelAgent: true,")
    await cluster.keel.expect(2, 'plan')
    await cluster.keel.expect(0, 'rekey')
    const { stderr } = await cluster.keel.expect(0, 'deploy')
    for (const name of hosts) {
      expect(stderr).toMatch(new RegExp(`^${name}: pushed keel-node v.* to /usr/local/lib/keel/keel-node-`, 'm'))
      expect(stderr).toMatch(new RegExp(`^${name}: pushed keel-agent .* to /usr/local/lib/keel/keel-agent-.*mjs`, 'm'))
    }
    await cluster.keel.expect(0, 'plan', '--exit-code')
    expect(await invocations()).toEqual(before)
    for (const name of hosts) {
      const host = cluster.host(name)
      await until(`${name} listens`, () => listens(host))
      expect(await host.sh(`systemctl is-enabled ${agentUnit}`)).toBe('enabled')
      console.log(`keel-agent on ${name}: ${await costs(host)}`)
    }
  })

  test('what is changed of it by hand is seen, part by part, and mended', async () => {
    const [crypto, kubeconfig, config] = ['/var/lib/keel/crypto', '/etc/keel/kubeconfig', '/etc/keel/agent.json']
    const unitFile = `/etc/systemd/system/${agentUnit}`
    await cluster.host('server-1').sh(`rm -r ${crypto}; rm ${kubeconfig} ${config}; touch ${unitFile}`)
    await cluster
      .host('agent-1')
      .sh(`chmod 755 ${crypto}; chmod 640 ${crypto}/.first.pem-*/key; chown daemon ${kubeconfig}; echo >> ${config}; chmod 600 ${unitFile}
systemctl disable --quiet ${agentUnit} 2>&1`)
    const plan = await planned(cluster.keel)
    expect(operationsOn(plan, 'server-1')).toEqual([
      { op: 'make-directory', path: crypto, mode: '0700', why: 'missing' },
      { op: 'certify', unit: agentUnit, why: 'missing' },
      { op: 'write-file', path: kubeconfig, why: 'missing' },
      { op: 'write-file', path: config, why: 'missing' },
      { op: 'reload-systemd' },
      { op: 'run-unit', unit: agentUnit, by: 'restart' },
    ])
    expect(operationsOn(plan, 'agent-1')).toEqual([
      { op: 'make-directory', path: crypto, mode: '0700', why: 'mode' },
      { op: 'certify', unit: agentUnit, why: 'mode' },
      { op: 'write-file', path: kubeconfig, why: 'owner' },
      { op: 'write-file', path: config, why: 'content' },
      { op: 'write-file', path: unitFile, why: 'mode' },
      { op: 'reload-systemd' },
      { op: 'enable-unit', unit: agentUnit },
      { op: 'run-unit', unit: agentUnit, by: 'restart' },
    ])
    await cluster.keel.expect(0, 'deploy')
    await cluster.keel.expect(0, 'plan', '--exit-code')
  })
})

describe("the keel-agent's rights in the API", () => keelAgentAccess(() => cluster))

describe("the keel-agent's program", () =>
  keelAgentProgram(() => ({ cluster, hosts, clusterFile: clusterFile(), invocations, planned })))
