import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blocksOf, textOf } from '../../support/docs/blocks.ts'
import { type ReadersShell, readersShell } from '../../support/docs/readers-shell.ts'
import { commandsUnder } from '../../support/docs/story.ts'
import { edit } from '../../support/edit.ts'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import { until } from '../../support/until.ts'
import { daemonPackage, testKey, writeRepository } from '../../support/vkubelet/repository.ts'
import { serveRepository } from '../../support/vkubelet/serve-repository.ts'

/**
 * Look-alikes of packages of Debian, because hosts of a lab reach no mirror: uptimed says what the real one says at its
 * first start, and of unbound only the older version takes connections.
 */
const listens = 'IO::Socket::INET->new(LocalAddr => "127.0.0.1:53", Listen => 5, ReuseAddr => 1) or die $!'
const program = (text: string) => `#!/bin/sh\n${text}\n`
const packages = [
  daemonPackage('uptimed', '0.4.6-1', {
    files: {
      'usr/sbin/uptimed': program('echo "uptimed: no useable database found."\nexec sleep infinity'),
      'lib/systemd/system/uptimed.service': '[Service]\nExecStart=/usr/sbin/uptimed -f\n',
    },
  }),
  ...[
    [
      '1.17.1-2+deb12u2',
      `exec perl -MIO::Socket::INET -e 'my $s = ${listens}; while (my $c = $s->accept) { close $c }'`,
    ],
    ['1.17.1-2+deb12u3', 'exec sleep infinity'],
  ].map(([version = '', script = '']) =>
    daemonPackage('unbound', version, {
      files: {
        'usr/sbin/unbound': program(script),
        'lib/systemd/system/unbound.service': '[Service]\nExecStart=/usr/sbin/unbound -d -p\n',
      },
    }),
  ),
]

/** A farm: on each host Pods are units of systemd, also on the server, which runs k3s without its agent. */
let cluster: LabCluster
const names = ['agent-1', 'agent-2', 'server-1']

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-vkf', agents: 2 })
  const file = (name: string) => join(cluster.inventory, name)
  for (const name of names) {
    const role = name.startsWith('server') ? "role: 'server'," : "role: 'agent',"
    const label = name === 'agent-2' ? '' : "\n  labels: { 'example.com/dns': 'resolver' },"
    await edit(file(`hosts/${name}/host.ts`), role, `${role}\n  kubelet: 'systemd',${label}`)
  }
  const first = "firstServer: 'server-1',"
  const { nodeIP } = cluster.host('server-1').described
  const folder = mkdtempSync(join(tmpdir(), 'keel-repository-'))
  const key = await testKey()
  try {
    await writeRepository(folder, packages, key)
    mkdirSync(file('keys'))
    writeFileSync(file('keys/packages.asc'), key.armoured)
    await edit(
      file('hosts/cluster.ts'),
      first,
      `${first}
  systemdKubelet: {
    packages: ['unbound', 'uptimed'],
    programs: ['/usr/bin/sleep', '/usr/bin/sh'],
    repositories: { own: { uris: 'http://${nodeIP}:8080', suites: './', signedBy: 'keys/packages.asc' } },
  },`,
    )
    await serveRepository(cluster.host('server-1'), folder, nodeIP)
  } finally {
    key.remove()
    rmSync(folder, { recursive: true, force: true })
  }
})
afterAll(() => cluster?.down())

/** @param ready the command of its readiness probe */
function daemonSet(ready: string): object {
  const labels = { app: 'clock' }
  const script = 'echo started; exec sleep 3600'
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'clock' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          tolerations: [{ key: 'virtual-kubelet.io/provider', operator: 'Exists' }],
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: 'main',
              image: 'exec:/usr/bin/sh',
              args: ['-c', script],
              readinessProbe: { exec: { command: [ready] }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  }
}
const onEachNode = async () => {
  const { items } = JSON.parse(await cluster.kubectl('get', 'pods', '-l', 'app=clock', '-o', 'json'))
  return items as readonly { metadata: { name: string }; spec: { nodeName: string }; status: PodStatus }[]
}
interface PodStatus {
  readonly conditions: readonly { readonly type: string; readonly status: string }[]
}
const isReady = ({ conditions }: PodStatus) =>
  conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
const rolledOut = () => cluster.kubectl('rollout', 'status', 'daemonset/clock', '--timeout=90s')

test('is deployed at once, and needs no changes afterwards', async () => {
  const { seconds } = await cluster.keel.expect(0, 'deploy', '--yes')
  console.log(`3 hosts in one deploy: ${seconds.toFixed(1)} s`)
  expect(await cluster.nodes()).toEqual(names.map((name) => `${name} Ready`))
  const { items } = JSON.parse(await cluster.kubectl('get', 'nodes', '-o', 'json'))
  for (const { status } of items) expect(status.nodeInfo.containerRuntimeVersion).toBe('systemd://252')
  expect((await cluster.keel.expect(0, 'plan', '--exit-code')).stdout).toContain('No changes')
})

test('runs a DaemonSet on all hosts, and shows its logs and commands without a weaker TLS', async () => {
  await cluster.apply(daemonSet('true'))
  const began = performance.now()
  await rolledOut()
  console.log(`a Pod on each of 3 hosts: ${Math.round(performance.now() - began)} ms`)
  const pods = await onEachNode()
  expect(pods.map(({ spec }) => spec.nodeName).toSorted()).toEqual(names)
  for (const { metadata, spec } of pods) {
    expect(await cluster.kubectl('logs', metadata.name)).toBe('started')
    expect(await cluster.kubectl('exec', metadata.name, '--', 'uname', '-n')).toBe(spec.nodeName)
  }
})

test('stops a rollout at the first Pod that is not ready, and takes it back', async () => {
  await cluster.apply(daemonSet('false'))
  const [stuck] = await until('one Pod is new and not ready', async () => {
    const pods = await onEachNode()
    const others = pods.filter(({ status }) => !isReady(status))
    return pods.length === names.length && others.length === 1 ? others : undefined
  })
  expect(stuck).toBeDefined()
  await cluster.kubectl('rollout', 'undo', 'daemonset/clock')
  await rolledOut()
  expect((await onEachNode()).filter(({ status }) => isReady(status))).toHaveLength(names.length)
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
    const pods = await onEachNode()
    return pods.length === names.length && pods.every(({ status }) => isReady(status))
  })
  expect((await cluster.keel.expect(0, 'plan', '--exit-code')).stdout).toContain('No changes')
})

describe('as the pages have it', () => {
  const example = 'docs/examples/farm/README.md'
  const own = mkdtempSync(join(tmpdir(), 'keel-farm-'))
  let shell: ReadersShell
  beforeAll(() => {
    shell = readersShell(cluster.home, join(own, 'programs'))
    const manifests = new URL('../../../docs/examples/farm/manifests', import.meta.url)
    cpSync(fileURLToPath(manifests), join(cluster.inventory, 'manifests'), { recursive: true })
  })
  afterAll(() => rmSync(own, { recursive: true, force: true }))

  /** The commands under a heading, each with its exit status and what it has printed. */
  async function runs(page: string, heading: string, isLeftOut: (text: string) => boolean = () => false) {
    const ran: { readonly text: string; readonly exitCode: number; readonly stdout: string }[] = []
    for (const { text } of commandsUnder(page, heading).filter((one) => !isLeftOut(one.text))) {
      // a rollout that fails does so after its whole time
      const {
        exitCode = -1,
        stdout,
        stderr,
      } = await shell(text.replace('--timeout=2m', '--timeout=15s'), cluster.inventory)
      ran.push({ text, exitCode, stdout: exitCode === 0 ? stdout : `${stdout}${stderr}` })
    }
    return ran
  }
  const printed = async (...of: Parameters<typeof runs>) =>
    (await runs(...of)).map(({ exitCode, stdout }) => {
      expect(exitCode, stdout).toBe(0)
      return stdout.trim()
    })

  test('uptimed, from the first look at the nodes to its end', async () => {
    const page = 'docs/virtual-kubelet.md'
    const manifest = blocksOf(page, textOf(page)).find(({ text }) => text.startsWith('# uptimed.yaml'))
    writeFileSync(join(cluster.inventory, 'uptimed.yaml'), manifest?.text ?? '')
    // the lab is up, and deployed
    const before = /^(keel lab |keel init |cd |\$EDITOR |keel pin|keel deploy)/
    const [nodes, , , pod, logs, unit] = await printed(page, 'The first Pod', (text) => before.test(text))
    expect(nodes).toContain('systemd://252')
    expect(pod).toMatch(/uptimed +1\/1 +Running/)
    expect(logs).toBe('uptimed: no useable database found.')
    expect(unit).toContain('[X-Kubernetes]')
    expect(await cluster.kubectl('get', 'pods', '--ignore-not-found', 'uptimed')).toBe('')
  })

  test('a DNS server on the machines with the label, and which have none', async () => {
    await printed(example, 'A DNS server on the machines')
    const [without, silent] = await printed(example, 'The machines without one')
    expect(without).toContain('agent-2')
    expect(without).not.toMatch(/agent-1|server-1/)
    expect(silent).toBe('')
  })

  test('an update that does not answer stops at the first machine, and goes back', async () => {
    const [, status] = await runs(example, 'An update that stops by itself', (text) => text.includes('undo'))
    expect(status?.exitCode, status?.stdout).toBe(1)
    const [, silent] = await printed(example, 'The machines without one')
    expect(silent).toMatch(/^(agent-1|server-1)$/)
    await printed(example, 'An update that stops by itself', (text) => !text.includes('undo'))
    await printed(example, 'A DNS server on the machines', (text) => text.includes('apply'))
    expect((await printed(example, 'The machines without one')).at(-1)).toBe('')
  })
})
