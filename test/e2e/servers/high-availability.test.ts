import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ReadersShell, readersShell } from '../../support/docs/readers-shell.ts'
import { commandsUnder, withNames } from '../../support/docs/story.ts'
import { edit as editFile } from '../../support/edit.ts'
import { etcdMembers } from '../../support/lab/etcd-members.ts'
import { type LabCluster, labCluster } from '../../support/lab/lab-cluster.ts'
import { until } from '../../support/until.ts'
import { statusStories } from './status-stories.ts'

const servers = ['server-1', 'server-2', 'server-3'] as const
const all = [...servers, 'agent-1', 'agent-2'] as const
let cluster: LabCluster
let shell: ReadersShell

beforeAll(async () => {
  cluster = await labCluster({ name: 'e2e-ha', servers: 3, agents: 2 })
  await edit(
    'hosts/cluster.ts',
    'k3s: {',
    `manifests: { 'greeting.yaml': ${JSON.stringify(greeting)} },\n  registries: { mirrors: { 'docker.io': { endpoint: ['https://mirror.example'] } } },\n  k3s: {\n    'tls-san': ['api.ha.example'],`,
  )
  await edit(
    'hosts/agent-2/host.ts',
    "role: 'agent',",
    "role: 'agent',\n  network: { interface: 'eth0' },\n  labels: { 'example.com/tier': 'edge' },\n  files: { '/etc/motd': 'kept by keel\\n' },",
  )
  shell = readersShell(cluster.home, `${cluster.home}/programs`)
  await typed('git init && git add . && git commit -m before')
})
afterAll(() => cluster?.down())

const greeting = `${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'greeting', namespace: 'default' }, data: { text: 'hi' } })}\n`

const edit = (file: string, from: string, to: string) => editFile(join(cluster.inventory, file), from, to)

/** As a reader of the docs types it, in the inventory. */
async function typed(script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await shell(script, cluster.inventory)
  expect(exitCode, stderr).toBe(0)
  return stdout
}

const allReady = all.map((name) => `${name} Ready`).toSorted()
const readyNodes = async () => (await cluster.nodes()).filter((line) => line.endsWith(' Ready'))
const clusterId = () => cluster.kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}')

/** A new disk in the machine: all that keel and k3s ever put there is gone; the host key is its own still. */
async function wipe(name: string): Promise<void> {
  await cluster.host(name).sh(`systemctl stop k3s k3s-agent 2>/dev/null || true
for pid in $(pgrep -x containerd-shim); do kill -9 "$pid"; done
awk '$2 ~ "^/var/lib/kubelet/" { print $2 }' /proc/mounts | xargs -r umount
rm -rf /var/lib/rancher/k3s /etc/rancher /var/lib/kubelet/* /var/lib/keel /etc/systemd/system/k3s*.service /etc/credstore.encrypted /usr/local/lib/keel /usr/local/bin/k3s
systemctl daemon-reload`)
}

/** A new system in the machine: its sshd makes a key. @returns the public half */
function newHostKey(name: string): Promise<string> {
  const key = '/etc/ssh/ssh_host_ed25519_key'
  return cluster
    .host(name)
    .sh(`rm ${key} ${key}.pub; ssh-keygen -q -t ed25519 -N '' -C '' -f ${key}; systemctl restart ssh; cat ${key}.pub`)
}

/** The names in the certificate that a server shows on 6443. */
function certificateNames(host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: 6443, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? '')
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

/**
 * Seconds from a unit's start until its Node is Ready, as bench/bring-up.ts has them, here by the API's own record:
 * whole seconds, cut off.
 */
async function ownSeconds(name: string): Promise<number> {
  const host = cluster.host(name)
  const started = await host.sh(
    `date +%s.%N --date "$(systemctl show --value --timestamp=us --property=InactiveExitTimestamp -- ${host.k3sUnit})"`,
  )
  const ready = await cluster.kubectl(
    'get',
    'node',
    name,
    '-o',
    'jsonpath={.status.conditions[?(@.type=="Ready")].lastTransitionTime}',
  )
  return Date.parse(ready) / 1000 + 0.5 - Number(started)
}

describe('three servers and two agents', () => {
  test('come up in one deploy, as three healthy etcd members and five Ready nodes', async () => {
    const { seconds } = await cluster.keel.expect(0, 'deploy')
    expect(await readyNodes()).toEqual(allReady)
    expect(await etcdMembers(cluster.host('server-1'))).toEqual([...servers])
    const own = (await Promise.all(all.map(ownSeconds))).reduce((sum, one) => sum + one)
    console.log(
      `deploy of 3 + 2: ${seconds.toFixed(1)} s, ${(seconds / own).toFixed(2)} × the ${own.toFixed(1)} s that k3s itself takes from each start until the Node is Ready`,
    )
    await cluster.keel.expect(0, 'plan', '--exit-code')
  })

  test('have node IPs, certificate names, interface, labels, registries, files and manifests as written', async () => {
    const addresses = await cluster.kubectl(
      'get',
      'nodes',
      '-o',
      'jsonpath={range .items[*]}{.metadata.name}={.status.addresses[?(@.type=="InternalIP")].address} {end}',
    )
    for (const name of all) expect(addresses).toContain(`${name}=${cluster.host(name).described.nodeIP}`)
    for (const name of servers) {
      const names = await certificateNames(cluster.host(name).described.nodeIP)
      expect(names).toContain('DNS:api.ha.example')
      expect(names).toContain(`IP Address:${cluster.host(name).described.nodeIP}`)
    }
    expect(await cluster.host('agent-2').sh('grep flannel-iface /etc/rancher/k3s/config.yaml; cat /etc/motd')).toBe(
      'flannel-iface: eth0\nkept by keel',
    )
    expect(
      await cluster.kubectl('get', 'node', 'agent-2', '-o', 'jsonpath={.metadata.labels.example\\.com/tier}'),
    ).toBe('edge')
    for (const name of all)
      expect(await cluster.host(name).sh('cat /etc/rancher/k3s/registries.yaml')).toContain('https://mirror.example')
    await until(
      'the manifest is applied',
      async () =>
        (await cluster.kubectl('get', 'configmap', '--ignore-not-found', 'greeting', '-o', 'jsonpath={.data.text}')) ===
        'hi',
    )
  })

  test('were all given the same agent token', async () => {
    const tokens = await Promise.all(
      servers.map((name) => cluster.host(name).sh('cat /var/lib/rancher/k3s/server/agent-token')),
    )
    expect(new Set(tokens).size).toBe(1)
  })

  describe('keel status', () => statusStories(() => cluster))

  /** An empty host under a name that the cluster knows: planned to be forgotten first, then it joins what is there. */
  async function joinsAnew(
    name: string,
    deploy: () => Promise<unknown> = () => cluster.keel.expect(0, 'deploy', name),
  ): Promise<void> {
    const { stdout } = await cluster.keel.expect(3, 'plan', '--exit-code', name)
    expect(stdout).toMatch(
      new RegExp(
        `on server-\\d: delete what an earlier machine named ${name} left behind \\(Node, node password, etcd member\\)`,
      ),
    )
    await deploy()
    expect(await etcdMembers(cluster.host('server-2'))).toEqual([...servers])
    expect(await readyNodes()).toEqual(allReady)
    await cluster.keel.expect(0, 'plan', '--exit-code')
  }

  test('server-1, wiped and deployed again, joins the cluster that is there', async () => {
    const before = await clusterId()
    await wipe('server-1')
    await joinsAnew('server-1')
    expect(await clusterId()).toBe(before)
  })

  test('server-3, wiped in the midst of its join and given a new host key, joins as docs/replace-a-dead-server.md has it: its etcd member is forgotten though it never had a Node', async () => {
    await wipe('server-3')
    const { child, ended } = cluster.keel.start(['deploy', 'server-3'])
    let said = ''
    child.stderr.on('data', (text) => {
      said += text
    })
    await until('its old member is gone and k3s starts', () => said.includes('server-3: waiting for'))
    await until('it is a member', async () => (await etcdMembers(cluster.host('server-1'))).includes('server-3'))
    await wipe('server-3')
    expect((await ended).exitCode).toBe(1)
    expect(await cluster.kubectl('get', 'nodes', '-o', 'name')).not.toContain('server-3')
    expect(await etcdMembers(cluster.host('server-1'))).toContain('server-3')
    await edit('hosts/server-3/host.ts', cluster.host('server-3').hostKey, await newHostKey('server-3'))
    await joinsAnew('server-3', async () => {
      for (const { text } of commandsUnder('docs/replace-a-dead-server.md', 'Replace a dead server'))
        await typed(withNames(text, { cove: 'server-3' }))
    })
  })

  test('take an agent while a server is down, and the server back', async () => {
    await wipe('agent-1')
    await cluster.power('power-off', 'server-1')
    const { stderr } = await cluster.keel.expect(0, 'deploy', 'agent-1')
    expect(stderr).toContain('agent-1: done')
    await cluster.power('start', 'server-1')
    await until('server-1 is Ready again', async () => (await readyNodes().catch(() => [])).length === all.length)
    await cluster.keel.expect(0, 'plan', '--exit-code')
  })

  describe('docs/remove-a-node.md, with luna as agent-2', () => {
    const host = () => cluster.host('agent-2')

    test.each(commandsUnder('docs/remove-a-node.md', 'Remove a node'))('$text', async ({ text }) => {
      const first = await host().firstProcess()
      await typed(withNames(text, { luna: 'agent-2' }))
      if (!text.includes('reboot')) return
      await until(
        'it has rebooted',
        async () =>
          (await host()
            .firstProcess()
            .catch(() => first)) !== first,
      )
      await until('it is back', async () => (await cluster.keel.run('exec', 'agent-2', '--', 'true')).exitCode === 0)
    })

    test('leaves nothing of keel on the machine, and nothing of the machine in the cluster', async () => {
      expect(
        await host().sh(`systemctl list-unit-files --no-legend 'k3s*' 'keel*' || true
nft list tables | grep keel || true
find /var/lib/keel /usr/local/lib/keel /etc/keel /etc/rancher /etc/credstore.encrypted /var/lib/rancher/k3s /usr/local/bin/k3s /etc/motd ! -type d 2>/dev/null || true`),
      ).toBe('')
      expect(await readyNodes()).toEqual(allReady.filter((line) => line !== 'agent-2 Ready'))
      const { stdout } = await cluster.keel.expect(0, 'plan', '--exit-code')
      expect(stdout).not.toContain('agent-2')
      await cluster.keel.expect(0, 'rekey', '--check')
    })
  })

  test('found no second cluster on an empty first server while another can’t be asked', async () => {
    await wipe('server-1')
    await cluster.power('power-off', 'server-2')
    await cluster.power('power-off', 'server-3')
    const { stderr } = await cluster.keel.expect(1, 'deploy', 'server-1')
    expect(stderr).toContain('found a second cluster')
    expect(await cluster.host('server-1').sh('ls /etc/rancher 2>/dev/null || echo none')).toBe('none')
  })
})
