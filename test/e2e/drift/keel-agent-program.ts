import { expect, test } from 'vitest'
import { AGENT_PROGRAM } from '../../../src/model/keel-agent/agent-program.ts'
import type { HostPlan } from '../../../src/plan/plan.ts'
import { edit } from '../../support/edit.ts'
import type { Keel } from '../../support/keel/keel.ts'
import { listens } from '../../support/lab/keel-agent.ts'
import { probeAgent } from '../../support/lab/keel-agent-probe.ts'
import type { LabCluster } from '../../support/lab/lab-cluster.ts'
import type { LabHost, UnitRun } from '../../support/lab/lab-host.ts'
import { newerKeel } from '../../support/lab/newer-keel.ts'
import { until } from '../../support/until.ts'
import { apiNames } from './keel-agent-access.ts'

const unit = 'keel-agent.service'

interface Story {
  readonly cluster: LabCluster
  readonly hosts: readonly string[]
  readonly clusterFile: string
  /** Of k3s, on each host. */
  readonly invocations: () => Promise<object>
  readonly planned: (keel: Keel) => Promise<readonly HostPlan[]>
}

/** The keel-agent's program on hosts that have it. */
export function keelAgentProgram(get: () => Story): void {
  const each = async <One>(ask: (host: LabHost) => Promise<One>): Promise<readonly One[]> =>
    Promise.all(get().hosts.map((name) => ask(get().cluster.host(name))))
  const runs = (): Promise<readonly UnitRun[]> => each((host) => host.unit(unit))

  test('has its credential, the API, and a folder for its key', async () => {
    expect(await each((host) => probeAgent(host, ['api']))).toEqual(get().hosts.map(() => '200'))
    expect(await each((host) => probeAgent(host, ['write', '/var/lib/keel/crypto']))).toEqual(
      get().hosts.map(() => ['/var/lib/keel/crypto']),
    )
    expect(await each((host) => host.sh('cd /var/lib/keel/crypto; stat -c "%a %U %n" . first.*'))).toEqual(
      get().hosts.map(() => '700 root .\n777 root first.key\n777 root first.pem'),
    )
  })

  test('is kept from every other identity, from what root commands the machine by, and from others’ files', async () => {
    for (const name of get().hosts) {
      const host = get().cluster.host(name)
      const paths = [
        '/etc/ssh/ssh_host_ed25519_key /etc/shadow /etc/rancher /etc/credstore.encrypted/k3s-agent-token /var/lib/systemd/credential.secret',
        '/var/lib/kubelet /run/systemd/private /run/dbus/system_bus_socket /run/containerd /run/credentials /proc/1/root /proc/1/environ /root /home',
        ...(name === 'server-1' ? ['/var/lib/rancher/k3s/server /var/lib/rancher/k3s/server/tls/server-ca.key'] : []),
      ].flatMap((line) => line.split(' '))
      await host.sh(`for path in ${paths.join(' ')}; do [ -e "$path" ] || { echo "$path is not there"; exit 1; }; done`)
      expect(await probeAgent(host, ['reach', ...paths])).toEqual([])
      const folders =
        '/ /etc /etc/keel /usr/local/bin /usr/local/lib/keel /var/lib /var/lib/keel /var/lib/rancher/k3s/agent /run /dev'
      expect(await probeAgent(host, ['write', ...folders.split(' ')])).toEqual([])
      // it does find what it may: the question is a real one
      const own = ['/var/lib/rancher/k3s/agent/client-kubelet.key', '/etc/keel/agent.json', '/proc/meminfo']
      expect(await probeAgent(host, ['reach', ...own])).toEqual(own)
    }
  })

  test('stays up while k3s is stopped, and has the API again when it runs', async () => {
    const { cluster } = get()
    const before = await runs()
    await each((host) => host.sh(`systemctl stop ${host.k3sUnit}`))
    expect(await each((host) => probeAgent(host, ['api']))).toEqual(get().hosts.map(() => 'ECONNREFUSED'))
    expect(await each(listens)).toEqual(get().hosts.map(() => true))
    const { stderr } = await cluster.keel.expect(0, 'deploy')
    expect(stderr).toContain("server-1: checked keel's objects in the API")
    await until('the API answers both', async () =>
      (await each((host) => probeAgent(host, ['api']))).every((said) => said === '200'),
    )
    expect(await runs()).toEqual(before)
  })

  test('starts anew with another configuration, and nothing else does', async () => {
    const { cluster, clusterFile, invocations } = get()
    const [before, others] = [await runs(), await invocations()]
    await edit(clusterFile, 'keelAgent: true', "keelAgent: { logLevel: 'debug' }")
    await cluster.keel.expect(0, 'deploy')
    await until('all listen again', async () => (await each(listens)).every((one) => one))
    for (const [index, run] of (await runs()).entries()) expect(run.InvocationID).not.toBe(before[index]?.InvocationID)
    expect(await invocations()).toEqual(others)
  })

  test('of a newer keel is pushed without Node, restarts the agent alone, and the one before stays', async () => {
    const { cluster, invocations } = get()
    const newer = await newerKeel(cluster)
    const [before, others] = [await runs(), await invocations()]
    const kept = await each((host) => host.sh('ls /usr/local/lib/keel'))
    const { stderr } = await newer('deploy')
    expect(stderr).toMatch(/pushed keel-agent/)
    expect(stderr).not.toMatch(/pushed (keel-node|k3s)/)
    await until('all listen again', async () => (await each(listens)).every((one) => one))
    for (const [index, run] of (await runs()).entries()) expect(run.InvocationID).not.toBe(before[index]?.InvocationID)
    expect(await invocations()).toEqual(others)
    for (const [index, files] of (await each((host) => host.sh('ls /usr/local/lib/keel'))).entries())
      expect(files.split('\n')).toEqual(expect.arrayContaining((kept[index] ?? '').split('\n')))
    // and back
    const back = await cluster.keel.expect(0, 'deploy')
    expect(back.stderr).not.toContain('pushed')
    expect(back.stderr).toContain(`wrote ${AGENT_PROGRAM}`)
    await cluster.keel.expect(0, 'plan', '--exit-code')
  })

  test('changed by hand, is seen and replaced', async () => {
    const { cluster, hosts, planned } = get()
    // a server has the approver too, which is the same program
    const name = hosts.at(-1) ?? expect.unreachable()
    await cluster.host(name).sh(`bundle=$(grep -o '[^ ]*[.]mjs' ${AGENT_PROGRAM})
echo '// mine' >> "$bundle"; rm ${AGENT_PROGRAM}`)
    const operations = (await planned(cluster.keel)).find(({ host }) => host === name)?.operations ?? []
    expect(operations).toMatchObject([
      { op: 'push-artifact', name: 'keel-agent', why: 'content' },
      { op: 'write-file', path: AGENT_PROGRAM, why: 'missing' },
      { op: 'run-unit', unit, by: 'restart' },
    ])
    await cluster.keel.expect(0, 'deploy')
    await cluster.keel.expect(0, 'plan', '--exit-code')
  })

  test('says little: some lines for each start, whatever certificates it has', async () => {
    for (const said of await each((host) =>
      host.sh(
        `journalctl --unit=${unit} --output=cat _SYSTEMD_INVOCATION_ID="$(systemctl show -p InvocationID --value ${unit})"`,
      ),
    )) {
      expect(said).toMatch(/serves (nobody|with its)/)
      expect(said.split('\n').filter((line) => !line.includes('refused a connection')).length).toBeLessThan(6)
    }
  })

  test('goes with everything of its own when the inventory drops it, in the API as well, and nothing else goes', async () => {
    const { cluster, clusterFile, hosts, invocations } = get()
    const before = await invocations()
    await cluster.kubectl('create', 'clusterrole', 'theirs', '--verb=get', '--resource=pods')
    await cluster.kubectl('label', 'clusterrole', 'theirs', 'app.kubernetes.io/managed-by=keel')
    const names = await apiNames(cluster)
    await edit(clusterFile, "\n  keelAgent: { logLevel: 'debug' },", '')
    await cluster.keel.expect(0, 'deploy')
    const others = [...names].filter((name) => !/\/keel-(system|agent|approver)$/.test(name))
    expect([...(await apiNames(cluster))]).toEqual(others)
    expect(names.size - others.length).toBe(7)
    for (const name of hosts) {
      const left = await cluster
        .host(name)
        .sh(
          `[ ! -e /var/lib/keel/crypto ]; [ ! -e ${AGENT_PROGRAM} ]; ls /etc/keel; systemctl show -p LoadState ${unit}`,
        )
      expect(left).toBe('firewall.nft\nLoadState=not-found')
    }
    await cluster.keel.expect(0, 'plan', '--exit-code')
    expect(await invocations()).toEqual(before)
  })
}
