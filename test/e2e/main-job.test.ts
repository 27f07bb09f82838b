import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { sha256 } from '../../src/model/digest.ts'
import { shellQuote } from '../../src/templates/shell-quote.ts'
import { argumentsOf, onLabHosts } from '../support/docs/on-lab-hosts.ts'
import { type ReadersShell, readersShell } from '../support/docs/readers-shell.ts'
import { commandsUnder, withNames } from '../support/docs/story.ts'
import { edit } from '../support/edit.ts'
import { type LabCluster, labCluster } from '../support/lab/lab-cluster.ts'
import type { UnitRun } from '../support/lab/lab-host.ts'
import { podOnEach } from '../support/lab/pods.ts'
import { logSessions, wireCounts } from '../support/lab/wire-log.ts'
import { until } from '../support/until.ts'
import { takenOver } from './taken-over.ts'

const hosts = ['server-1', 'agent-1', 'spare-1'] as const
let cluster: LabCluster
const started = performance.now()
const adding = onLabHosts.filter(({ page }) => page === 'docs/add-a-node.md')

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-main', spare: 1 })
  for (const name of hosts) await logSessions(cluster.host(name))
})
afterAll(() => cluster?.down())

/** The unit's run on each host; `spare-1` has become an agent by the time it is asked. */
const unitRuns = async (): Promise<Readonly<Record<string, UnitRun>>> =>
  Object.fromEntries(
    await Promise.all(
      hosts.map(async (name) => [
        name,
        await cluster.host(name).unit(name === 'server-1' ? 'k3s.service' : 'k3s-agent.service'),
      ]),
    ),
  )

describe('an inventory becomes a cluster', () => {
  test('plan says what would happen, and touches nothing', async () => {
    const { stdout } = await cluster.keel.expect(3, 'plan', '--exit-code')
    expect(stdout).toMatch(
      /Plan: \d+ to add, 0 to change, 0 to remove on 2 hosts \(0 unchanged\); k3s starts on server-1; k3s-agent starts on agent-1\.\nRun keel deploy to apply\.$/,
    )
    expect(await cluster.host('server-1').sh('ls /var/lib/keel /etc/rancher 2>/dev/null || echo none')).toBe('none')
  })

  test('deploy: a server, then an agent, each over one connection, with three execs until k3s is watched', async () => {
    const wire = await wireCounts([cluster.host('server-1'), cluster.host('agent-1')], async () => {
      const { seconds, stderr } = await cluster.keel.expect(0, 'deploy')
      console.log(`deploy of 2 hosts: ${seconds.toFixed(1)} s`)
      expect(stderr.indexOf('server-1: done')).toBeLessThan(stderr.indexOf('agent-1: putting them in place'))
    })
    // ask, stage, activate; the fourth verifies, and on a server the fifth compares the agent token
    expect(wire).toEqual({ 'server-1': { logins: 1, execs: 5 }, 'agent-1': { logins: 1, execs: 4 } })
  })

  test('add-node: a third host, by one command, as docs/add-a-node.md has it', async () => {
    const { hostKey, described: spare } = cluster.host('spare-1')
    const names = { luna: ['spare-1'], 'root@203.0.113.12': [spare.address], 'ssh-ed25519 AAAA…': [hostKey] }
    const shown = adding.flatMap((command) => argumentsOf(command, names))
    const { seconds } = await cluster.keel.expect(0, ...shown, '--node-ip', spare.nodeIP)
    console.log(`add-node: ${seconds.toFixed(1)} s`)
    expect(await cluster.nodes()).toEqual(['agent-1 Ready', 'server-1 Ready', 'spare-1 Ready'])
    console.log(`from nothing to three Ready nodes: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  })

  test('Pods run on all three; logs and exec reach them', async () => {
    await podOnEach(cluster, hosts)
    const address = await cluster.kubectl('get', 'pod', 'on-spare-1', '-o', 'jsonpath={.status.podIP}')
    const answer = await cluster.kubectl('exec', 'on-agent-1', '--', '/tiny', 'get', `http://${address}:8080/`)
    expect(answer).toContain('on-spare-1')
    expect(await cluster.kubectl('logs', 'on-spare-1')).not.toBe('')
  })

  test('keel kubeconfig: kubectl on the admin’s machine asks the API with it', async () => {
    const file = `${cluster.home}/admin.conf`
    await cluster.keel.expect(0, 'kubeconfig', '--out', file)
    const get = ['kubectl', '--kubeconfig', file, 'get', 'nodes', '--output', 'name']
    const { stdout } = await execa(cluster.lab.k3s.path, get, { env: { HOME: cluster.home } })
    expect(stdout.split('\n').toSorted()).toEqual(['node/agent-1', 'node/server-1', 'node/spare-1'])
  })
})

describe('a cluster stays what it is', () => {
  let before: Awaited<ReturnType<typeof unitRuns>>

  test('after add-node the agent token is re-encrypted for one reader more: deploy stores it and restarts nothing', async () => {
    before = await unitRuns()
    const { stderr } = await cluster.keel.expect(0, 'deploy')
    expect(stderr).toContain('stored secret k3s-agent-token (re-encrypted)')
    expect(stderr).toContain('k3s-agent-token stored again; same value, k3s not restarted')
    expect(await unitRuns()).toEqual(before)
  })

  test('the next deploy: one exec on the wire to each host, and nothing changes', async () => {
    const wire = await wireCounts(hosts.map(cluster.host), async () => {
      const { stderr, seconds } = await cluster.keel.expect(0, 'deploy')
      const lines = stderr.trim().split('\n')
      expect(lines.pop()).toMatch(/^Done: 3 hosts unchanged in \d+\.\d s\.$/)
      expect(lines.toSorted()).toEqual(hosts.map((host) => `${host}: nothing changed`).toSorted())
      console.log(`deploy of 3 hosts without a change: ${seconds.toFixed(2)} s`)
    })
    expect(wire).toEqual(Object.fromEntries(hosts.map((name) => [name, { logins: 1, execs: 1 }])))
    expect(await unitRuns()).toEqual(before)
  })

  test('a label of the inventory reaches a Node that has registered long ago, and one changed by hand comes back: no restart', async () => {
    const before = await unitRuns()
    const tier = () => cluster.kubectl('get', 'node', 'agent-1', '-o', 'jsonpath={.metadata.labels.tier}')
    await edit(
      `${cluster.inventory}/hosts/agent-1/host.ts`,
      "role: 'agent',",
      "role: 'agent',\n  labels: { tier: 'edge' },",
    )
    await cluster.keel.expect(0, 'deploy')
    expect(await tier()).toBe('edge')
    await cluster.kubectl('label', '--overwrite', 'node', 'agent-1', 'tier=hand', 'mine=kept')
    expect((await cluster.keel.expect(3, 'plan', '--exit-code')).stdout).toContain('Node agent-1: label tier=edge')
    await cluster.keel.expect(0, 'deploy')
    expect(await tier()).toBe('edge')
    expect(await cluster.kubectl('get', 'node', 'agent-1', '-o', 'jsonpath={.metadata.labels.mine}')).toBe('kept')
    await edit(`${cluster.inventory}/hosts/agent-1/host.ts`, "\n  labels: { tier: 'edge' },", '')
    await cluster.keel.expect(0, 'deploy', 'agent-1')
    expect(await tier()).toBe('')
    await cluster.keel.expect(0, 'plan', '--exit-code')
    await cluster.keel.expect(0, 'plan', '--exit-code', 'agent-1')
    expect(await unitRuns()).toEqual(before)
  })

  test('keel status: three hosts, all well, over one login and one command each', async () => {
    await until('no Pod is starting', async () => (await cluster.keel.run('status', '--exit-code')).exitCode === 0)
    const wire = await wireCounts(hosts.map(cluster.host), async () => {
      const { stdout, seconds } = await cluster.keel.expect(0, 'status', '--exit-code')
      expect(stdout).toContain('3 hosts, all well')
      console.log(`${stdout}\nkeel status of 3 hosts: ${seconds.toFixed(2)} s`)
    })
    expect(wire).toEqual(Object.fromEntries(hosts.map((name) => [name, { logins: 1, execs: 1 }])))
  })

  test('tags of a host: the plan stays empty, and they choose hosts', async () => {
    await edit(
      `${cluster.inventory}/hosts/agent-1/host.ts`,
      "role: 'agent',",
      "role: 'agent',\n  tags: ['rack1', 'gpu'],",
    )
    await cluster.keel.expect(0, 'plan', '--exit-code')
    const { stdout } = await cluster.keel.expect(
      0,
      'exec',
      '*-1',
      '--role',
      'agent',
      '--except',
      'sp*',
      '--',
      'hostname',
    )
    expect(stdout).toBe('agent-1')
    expect(await cluster.keel.expect(0, 'exec', '--tag', 'gpu', '--', 'hostname')).toMatchObject({ stdout })
  })

  test('attack 5: an agent that notes a quarantine as keel’s own has nothing of it taken off', async () => {
    const restricted = 'node-restriction.kubernetes.io/tenant'
    await cluster.kubectl('taint', 'node', 'agent-1', 'quarantine=yes:NoSchedule')
    await cluster.kubectl('label', 'node', 'agent-1', `${restricted}=a`)
    const asKubelet = (...args: readonly string[]) =>
      cluster
        .host('agent-1')
        .sh(`k3s kubectl --kubeconfig /var/lib/rancher/k3s/agent/kubelet.kubeconfig ${args.map(shellQuote).join(' ')}`)
    const noted = await cluster.kubectl(
      'get',
      'node',
      'agent-1',
      '-o',
      'jsonpath={.metadata.annotations.keel\\.internal/node-marks}',
    )
    onTestFinished(async () => {
      await asKubelet(
        'annotate',
        '--overwrite',
        'node',
        'agent-1',
        `keel.internal/node-marks${noted === '' ? '-' : `=${noted}`}`,
      )
    })
    // what a kubelet may write: its own Node's annotations; and what it may not: the servers' record
    const forged = JSON.stringify({ labels: [restricted], taints: ['quarantine:NoSchedule'] })
    await asKubelet('annotate', '--overwrite', 'node', 'agent-1', `keel.internal/node-marks=${forged}`)
    const patch = JSON.stringify({ data: { 'agent-1': forged } })
    for (const verb of [['patch', '--type=merge', '--patch', patch], ['get'], ['delete']] as const)
      await expect(
        asKubelet('--namespace', 'kube-system', verb[0], 'configmap', 'keel-node-marks', ...verb.slice(1)),
      ).rejects.toThrow(/[Ff]orbidden/)
    for (const hosts of [[], ['agent-1']]) {
      await cluster.keel.expect(0, 'plan', '--exit-code', ...hosts)
      await cluster.keel.expect(0, 'deploy', ...hosts)
    }
    const node = await cluster.kubectl(
      'get',
      'node',
      'agent-1',
      '-o',
      'jsonpath={.spec.taints[*].key} {.metadata.labels}',
    )
    expect(node).toContain('quarantine')
    expect(node).toContain(restricted)
    await cluster.kubectl('taint', 'node', 'agent-1', 'quarantine-')
    await cluster.kubectl('label', 'node', 'agent-1', `${restricted}-`)
  })

  test('after a reboot of all hosts the plan is empty, and deploy restarts nothing', async () => {
    const began = performance.now()
    await Promise.all(hosts.map((name) => cluster.power('reboot', name)))
    // k3s may still be starting: that is no change
    await cluster.keel.expect(0, 'plan', '--exit-code')
    await until('every unit is active', async () =>
      Object.values(await unitRuns()).every((unit) => unit.ActiveState === 'active'),
    )
    console.log(`3 hosts rebooted, k3s active again: ${((performance.now() - began) / 1000).toFixed(1)} s`)
    const after = await unitRuns()
    await cluster.keel.expect(0, 'plan', '--exit-code')
    const { stderr } = await cluster.keel.expect(0, 'deploy')
    expect(stderr).toContain('spare-1: nothing changed')
    expect(await unitRuns()).toEqual(after)
    await until('every node is Ready', async () => (await cluster.nodes()).every((line) => line.endsWith(' Ready')))
    await cluster.kubectl('wait', '--for=condition=Ready', 'pods', '--all', '--timeout=90s')
  })
})

describe('a server whose sshd allows few sessions', () => {
  const allow = async (sessions: number) => {
    const host = cluster.host('server-1')
    await host.sh(`echo 'MaxSessions ${sessions}' > /etc/ssh/sshd_config.d/00-few.conf; systemctl reload ssh`)
    expect(await host.sh('sshd -T | grep -i ^maxsessions')).toBe(`maxsessions ${sessions}`)
    onTestFinished(async () => {
      await host.sh('rm -f /etc/ssh/sshd_config.d/00-few.conf; systemctl reload ssh')
    })
  }

  test('one is enough for each deploy, though it runs several commands on one connection', async () => {
    await allow(1)
    const file = `${cluster.inventory}/hosts/server-1/host.ts`
    const changes = ['one', 'two', 'three', 'four'].map((tier) => `role: 'server',\n  labels: { tier: '${tier}' },`)
    const texts = ["role: 'server',", ...changes, "role: 'server',"]
    for (const [index, text] of texts.slice(1).entries()) {
      await edit(file, texts[index] ?? '', text)
      const { stderr } = await cluster.keel.expect(0, 'deploy')
      expect(stderr).toContain('Node server-1')
    }
    await cluster.keel.expect(0, 'plan', '--exit-code')
  })

  test('none: the setting is named, and not the network', async () => {
    await allow(0)
    const { stderr } = await cluster.keel.expect(6, 'plan', 'server-1')
    console.log(stderr)
    expect(stderr).toContain('MaxSessions')
    expect(stderr).not.toContain('the network broke')
  })
})

describe('what the docs show on hosts, with the names of these', () => {
  test.each(onLabHosts.filter((command) => !adding.includes(command)))('$page: $text', async (command) => {
    const [ocean, maia, mercury] = [['server-1'], ['agent-1'], [cluster.inventory]]
    const choices = { 'web-*': ['*-1'], 'web-1': maia }
    const ofTheLab = ['--name', 'e2e-main', 'server-1']
    await cluster.keel.expect(0, ...argumentsOf(command, { ocean, maia, mercury, ...choices, 'server-1': ofTheLab }))
  })
})

describe('docs/back-up-and-restore.md, with the names of these', () => {
  const page = 'docs/back-up-and-restore.md'
  let shell: ReadersShell
  beforeAll(() => {
    shell = readersShell(cluster.home, `${cluster.home}/programs`)
  })

  /** The page has the time of a snapshot; k3s has written another one. */
  const timeOfSnapshot = () =>
    cluster
      .host('server-1')
      .sh("ls /var/lib/rancher/k3s/server/db/snapshots 2>/dev/null | sed -n 's/^before-upgrade-server-1-//p' || true")

  const runs = async (text: string): Promise<void> => {
    const names = { ocean: 'server-1', 1795944036: await timeOfSnapshot() }
    const { exitCode, stderr } = await shell(withNames(text, names), cluster.inventory)
    expect(exitCode, stderr).toBe(0)
  }

  test.each(commandsUnder(page, 'Back up and restore'))('$text', ({ text }) => runs(text))

  test('the copy is the snapshot; then the cluster changes', async () => {
    const copy = await readFile(join(cluster.inventory, 'snapshot'))
    const snapshots = '/var/lib/rancher/k3s/server/db/snapshots/before-upgrade-*'
    expect(sha256(copy)).toBe(await cluster.host('server-1').sh(`sha256sum ${snapshots} | cut -c1-64`))
    await cluster.kubectl('create', 'configmap', 'after-snapshot')
  })

  test.each(commandsUnder(page, 'Restore one server'))('$text', ({ text }) => runs(text))

  test('the cluster is as it was then, and keel has nothing to change', async () => {
    expect(await cluster.kubectl('get', 'configmap', '--ignore-not-found', 'after-snapshot')).toBe('')
    await until('every node is Ready', async () => (await cluster.nodes()).every((line) => line.endsWith(' Ready')))
    await cluster.keel.expect(0, 'plan', '--exit-code')
  })
})

test('keel logs -f goes on until a signal ends it, and leaves no ssh behind', async () => {
  const { child, ended } = cluster.keel.start(['logs', 'agent-1', '-f', '-n', '1'])
  await once(child.stdout, 'data')
  const [ssh] = (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).trim().split(' ')
  expect(await readFile(`/proc/${ssh}/comm`, 'utf8')).toBe('ssh\n')
  child.kill('SIGINT')
  expect(await ended).toMatchObject({ exitCode: 130, stderr: 'keel: interrupted' })
  expect(existsSync(`/proc/${ssh}`)).toBe(false)
})

// the last one: the agenix repository knows the cluster as it is now
describe('the cluster, taken over from an agenix repository', () => takenOver(() => cluster, hosts))
