import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Operation } from '../../../src/plan/operation.ts'
import type { Plan } from '../../../src/plan/plan.ts'
import { edit } from '../../support/edit.ts'
import { costs, listens } from '../../support/lab/keel-agent.ts'
import { probeAgent } from '../../support/lab/keel-agent-probe.ts'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import { newerKeel } from '../../support/lab/newer-keel.ts'
import { type K3sProgram, nextPatch } from '../../support/lab/next-patch.ts'
import { wantKeelAgent } from '../../support/lab/want-keel-agent.ts'
import { until } from '../../support/until.ts'

let cluster: LabCluster
const flatcar = ['server-2', 'agent-1'] as const
const keys = new Map<string, string>()

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-fcar', servers: 2, agents: 1, flatcar })
  await wantKeelAgent(cluster)
  await cluster.keel.expect(0, 'render')
  // the Debian server founds the cluster while the others have their first boot
  await Promise.all([cluster.keel.expect(0, 'deploy', 'server-1'), firstBoots()])
})
afterAll(() => cluster?.down())

async function firstBoots(): Promise<void> {
  for (const name of flatcar)
    keys.set(name, await cluster.provision(name, join(cluster.inventory, 'hosts', name, 'config.ign')))
}

async function operationsOn(name: string): Promise<readonly Operation[]> {
  const plan: Plan = JSON.parse((await cluster.keel.expect(0, 'plan', '--json', name)).stdout)
  expect(plan.refusals).toEqual([])
  return plan.hosts.flatMap(({ operations }) => operations)
}

describe('a machine that Ignition has set up', () => {
  test('has a /usr that nobody writes to, and no program that Flatcar lacks: what keel runs there needs none', async () => {
    const absent = 'apt-get dpkg perl python3 node npm age rage nc mksquashfs unsquashfs keepalived run-parts'
    const there = await cluster
      .host('agent-1')
      .sh(`for name in ${absent}; do command -v "$name" || true; done; touch /usr/mine 2>&1 || true`)
    expect(there).toBe("touch: cannot touch '/usr/mine': Read-only file system")
    expect(await cluster.host('agent-1').sh('. /etc/os-release; echo "$ID"; readlink /bin/sh')).toBe('flatcar\nbash')
  })

  test.each(flatcar)(
    '%s founds nothing while it is left alone: it has no program, no token, no failed unit',
    async (name) => {
      const host = cluster.host(name)
      expect(await host.sh('find /usr/local/bin /etc/credstore.encrypted /var/lib/rancher ! -type d')).toBe('')
      expect(
        await host.sh(`systemctl show --property=ActiveState,UnitFileState,ConditionResult ${host.k3sUnit} | sort`),
      ).toBe('ActiveState=inactive\nConditionResult=no\nUnitFileState=enabled')
      // the keel-agent's unit waits likewise, with all that it needs but the program
      expect(
        await host.sh('systemctl show --property=ActiveState,UnitFileState,ConditionResult keel-agent | sort'),
      ).toBe('ActiveState=inactive\nConditionResult=no\nUnitFileState=enabled')
      expect(await host.sh('stat -c "%a %U %n" /etc/keel/kubeconfig /etc/keel/agent.json /var/lib/keel/crypto')).toBe(
        '600 root /etc/keel/kubeconfig\n600 root /etc/keel/agent.json\n700 root /var/lib/keel/crypto',
      )
      expect(await host.sh("systemctl list-units --failed --no-legend 'k3s*' 'keel*'")).toBe('')
    },
  )

  test.each([
    ['agent-1', 'a Flatcar agent'],
    ['server-2', 'a Flatcar server, beside a Debian one'],
  ])('%s is enrolled by the key on its console and becomes %s', async (name) => {
    const { seconds, stderr } = await cluster.keel.expect(0, 'add-node', name, '--host-key', keys.get(name) ?? '')
    console.log(`add-node ${name}: ${seconds.toFixed(1)} s`)
    expect(await cluster.nodes()).toContain(`${name} Ready`)
    // what Ignition wrote is what deploy wants
    expect(stderr).not.toMatch(new RegExp(`^${name}: .*wrote /`, 'm'))
    expect(stderr).toContain('merged k3s, keel-node, keel-agent into /usr')
    const host = cluster.host(name)
    await until('the keel-agent listens', () => listens(host))
    console.log(`keel-agent on ${name}: ${await costs(host)}`)
  })

  test('after a reboot it is a node again, and the plan is empty', async () => {
    await Promise.all(flatcar.map((name) => cluster.power('reboot', name)))
    await until('k3s runs on both', async () =>
      (await Promise.all(flatcar.map((name) => cluster.host(name).unit()))).every(
        (unit) => unit.ActiveState === 'active',
      ),
    )
    await cluster.keel.expect(0, 'deploy')
    await cluster.keel.expect(0, 'plan', '--exit-code')
    for (const name of flatcar) await until('the keel-agent listens', () => listens(cluster.host(name)))
    await until('every node is Ready', async () => (await cluster.nodes()).every((line) => line.endsWith(' Ready')))
  })
})

test('its keel-approver takes over from that of the Debian server, and approves', async () => {
  const approver = (verb: string) => cluster.host('server-1').sh(`systemctl ${verb} keel-approver`)
  const holder = () =>
    cluster.kubectl('get', 'lease', '-n', 'keel-system', 'keel-approver', '-o', 'jsonpath={.spec.holderIdentity}')
  await approver('stop')
  await until('that of the Flatcar server is active', async () => (await holder()) === 'server-2')
  const operational = '/var/lib/keel/crypto/operational.pem'
  await cluster
    .host('agent-1')
    .sh(`rm -rf ${operational} /var/lib/keel/crypto/.operational.*; systemctl restart keel-agent`)
  await until('the agent has another certificate', () =>
    cluster
      .host('agent-1')
      .sh(`test -e ${operational}`)
      .then(
        () => true,
        () => false,
      ),
  )
  expect(await cluster.host('server-2').sh('journalctl --output=cat --unit=keel-approver')).toMatch(
    /approved keel-agent-agent-1-/,
  )
  await approver('start')
})

describe('what somebody changes on it by hand', () => {
  test.each<[string, string, readonly Operation['op'][]]>([
    ['a file', 'echo "# mine" >> /etc/rancher/k3s/config.yaml', ['write-file', 'restart-unit']],
    [
      'a link to another image',
      'ln -sfn /opt/other.raw /etc/extensions/k3s.raw',
      ['set-link', 'merge-extensions', 'restart-unit'],
    ],
    ['a merge undone', 'systemd-sysext unmerge', ['merge-extensions', 'restart-unit', 'run-unit']],
    [
      'a link to another agent',
      'ln -sfn /opt/other.raw /etc/extensions/keel-agent.raw',
      ['set-link', 'merge-extensions', 'run-unit'],
    ],
    ['reboots turned on', 'echo REBOOT_STRATEGY=reboot > /etc/flatcar/update.conf', ['write-file', 'restart-reader']],
  ])('%s: the plan sees it', async (_what, change, expected) => {
    const host = cluster.host('agent-1')
    await host.sh(
      'cp -a /etc/rancher/k3s/config.yaml /run/config; cp -a /etc/flatcar/update.conf /run/update; readlink /etc/extensions/k3s.raw > /run/link; readlink /etc/extensions/keel-agent.raw > /run/agent-link',
    )
    await host.sh(change)
    expect((await operationsOn('agent-1')).map(({ op }) => op)).toEqual(expected)
    await host.sh(
      'cp -a /run/config /etc/rancher/k3s/config.yaml; cp -a /run/update /etc/flatcar/update.conf; ln -sfn "$(cat /run/link)" /etc/extensions/k3s.raw; ln -sfn "$(cat /run/agent-link)" /etc/extensions/keel-agent.raw; systemd-sysext refresh',
    )
  })

  test.each([
    ['another system', 's/ID=_any/ID=oops/'],
    ['another architecture', 's/ARCHITECTURE=x86/ARCHITECTURE=arm/'],
  ])('an image for %s: systemd leaves it out and says that all is well, the plan does not', async (_what, change) => {
    const host = cluster.host('agent-1')
    const image = await host.sh('readlink -f /etc/extensions/k3s.raw')
    // a new file in its place: the one that is mounted stays as it is
    await host.sh(`cp ${image} /run/image; LC_ALL=C sed -i '${change}' ${image}`)
    await host.sh('systemd-sysext refresh && ! command -v k3s')
    expect((await operationsOn('agent-1')).map(({ op }) => op)).toEqual([
      'push-artifact',
      'merge-extensions',
      'restart-unit',
    ])
    await host.sh(`cat /run/image > ${image}; rm /run/image; systemd-sysext refresh`)
    expect(await operationsOn('agent-1')).toEqual([])
  })

  test('and deploy mends it', async () => {
    await cluster.host('agent-1').sh('systemd-sysext unmerge; echo REBOOT_STRATEGY=reboot > /etc/flatcar/update.conf')
    await cluster.keel.expect(0, 'deploy', 'agent-1')
    await cluster.keel.expect(0, 'plan', '--exit-code', 'agent-1')
  })
})

describe('another version of k3s', () => {
  const images = () => cluster.host('agent-1').sh('ls /opt/extensions/k3s')
  const link = () => cluster.host('agent-1').sh('readlink /etc/extensions/k3s.raw')
  let before = ''
  let next: K3sProgram

  beforeAll(async () => {
    before = await link()
    next = await nextPatch(cluster.lab.k3s, join(cluster.home, 'k3s-next'))
    const file = join(cluster.inventory, 'hosts/cluster.ts')
    await writeFile(file, (await readFile(file, 'utf8')).replace(cluster.lab.k3s.version, next.version))
    await cluster.keel.expect(0, 'pin', '--file', `amd64=${next.path}`)
  })

  test('where systemd does not bring it, nothing else changes: the link leads back, k3s runs on', async () => {
    const host = cluster.host('agent-1')
    // systemd lays the extension with the later name over the other one, and says that all is well
    await host.sh(
      'mkdir -p /etc/extensions/zz/usr/local/bin /etc/extensions/zz/usr/lib/extension-release.d; echo ID=_any > /etc/extensions/zz/usr/lib/extension-release.d/extension-release.zz; echo other > /etc/extensions/zz/usr/local/bin/k3s',
    )
    const { stderr } = await cluster.keel.expect(1, 'deploy', 'agent-1')
    expect(stderr).toContain('systemd did not merge the extension as it was pinned')
    expect(await link()).toBe(before)
    expect((await host.unit()).ActiveState).toBe('active')
    await host.sh('rm -r /etc/extensions/zz; systemd-sysext refresh')
  })

  test('its image comes beside the one before, the link is switched, k3s restarted', async () => {
    const run = await cluster.host('agent-1').unit()
    await cluster.keel.expect(0, 'deploy', 'agent-1')
    expect((await images()).split('\n')).toHaveLength(2)
    expect(await link()).toBe(`/opt/extensions/k3s/k3s-${next.version}-x86-64.raw`)
    expect(await images()).toContain(before.split('/').at(-1))
    expect((await cluster.host('agent-1').unit()).InvocationID).not.toBe(run.InvocationID)
    await cluster.keel.expect(0, 'plan', '--exit-code', 'agent-1')
  })
})

describe('the keel-agent', () => {
  test('reaches nothing that its unit hides, with the API’s answer for its own Node', async () => {
    const host = cluster.host('agent-1')
    expect(await probeAgent(host, ['api'])).toBe('200')
    const hidden = [
      '/etc/ssh',
      '/etc/shadow',
      '/etc/rancher',
      '/var/lib/kubelet',
      '/run/systemd/private',
      '/proc/1/root',
    ]
    expect(await probeAgent(host, ['reach', ...hidden, '/etc/keel/agent.json'])).toEqual(['/etc/keel/agent.json'])
    expect(await probeAgent(host, ['write', '/etc', '/opt', '/var/lib/keel', '/usr/local/lib/keel'])).toEqual([])
  })

  test('of a newer keel is a small image: Node stays, k3s runs on', async () => {
    const host = cluster.host('agent-1')
    const [k3s, agent] = [await host.unit(), await host.unit('keel-agent.service')]
    const images = (await host.sh('ls /opt/extensions/keel-agent')).split('\n')
    const { stderr } = await (await newerKeel(cluster))('deploy', 'agent-1')
    expect(stderr).toMatch(/pushed keel-agent/)
    expect(stderr).not.toMatch(/pushed (keel-node|k3s)/)
    expect(stderr).toContain('merged keel-agent into /usr')
    await until('it listens again', () => listens(host))
    expect(await host.unit()).toEqual(k3s)
    expect((await host.unit('keel-agent.service')).InvocationID).not.toBe(agent.InvocationID)
    expect((await host.sh('ls /opt/extensions/keel-agent')).split('\n')).toEqual(expect.arrayContaining(images))
    await cluster.keel.expect(0, 'deploy', 'agent-1')
    await cluster.keel.expect(0, 'plan', '--exit-code', 'agent-1')
  })

  test('goes from /usr when the inventory drops it, and k3s runs on', async () => {
    const host = cluster.host('agent-1')
    const k3s = await host.unit()
    await edit(join(cluster.inventory, 'hosts/agent-1/host.ts'), 'defineHost({', 'defineHost({\n  keelAgent: false,')
    await cluster.keel.expect(0, 'render')
    const { stderr } = await cluster.keel.expect(0, 'deploy', 'agent-1')
    expect(stderr).toContain('unmerged keel-agent, keel-node from /usr')
    expect(await host.sh('find /usr/local/bin/keel-agent /usr/local/lib/keel 2> /dev/null || true')).toBe('')
    expect(await host.unit()).toEqual(k3s)
    await cluster.keel.expect(0, 'plan', '--exit-code', 'agent-1')
  })
})
