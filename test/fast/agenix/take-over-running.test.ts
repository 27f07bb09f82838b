import { describe, expect, test } from 'vitest'
import { newInventoryFiles } from '../../../src/commands/init/new-inventory.ts'
import { type Running, takeOverRunning } from '../../../src/commands/init/take-over-running.ts'
import { runningNode } from '../../../src/probes/node/running-node.ts'

const host = { os: 'nixos', role: 'server', address: 'root@ocean' } as const
const system = { id: 'nixos', machine: 'x86_64', systemd: 257, missing: [] }

function node(args: readonly string[], more: { labels?: Record<string, string>; taints?: object[] } = {}) {
  return runningNode(
    JSON.stringify({
      kind: 'Node',
      metadata: { labels: more.labels ?? {}, annotations: { 'k3s.io/node-args': JSON.stringify(args) } },
      spec: { taints: more.taints ?? [] },
      status: {
        addresses: [
          { type: 'InternalIP', address: '100.64.0.6' },
          { type: 'Hostname', address: 'ocean' },
        ],
      },
    }),
  )
}
function running(args: readonly string[], more: Partial<Running> & Parameters<typeof node>[1] = {}): Running {
  const found = node(args, more)
  return {
    nodeName: 'ocean',
    system,
    data: { server: true, agent: true, version: 'v1.35.1+k3s1' },
    run: { programIsNewer: false, datastore: 'sqlite', configured: {} },
    ...(found === undefined ? {} : { node: found }),
    ...more,
  }
}

describe('a cluster that runs is taken over as it runs', () => {
  test('datastore, version, flags, address; what keel sets itself is left out', () => {
    const args = [
      'server',
      '--token-file',
      '********',
      '--disable=traefik',
      '--disable',
      'local-storage',
      '--tls-san',
      'ocean.mercury',
    ]
    expect(
      takeOverRunning('ocean', host, running([...args, '--secrets-encryption', '--cluster-cidr', '10.52.0.0/16'])),
    ).toEqual({
      host: { ...host, nodeIP: '100.64.0.6', k3s: { 'tls-san': ['ocean.mercury'] } },
      cluster: {
        datastore: 'sqlite',
        networks: { cluster: ['10.52.0.0/16'] },
        k3s: { disable: ['traefik', 'local-storage'], 'secrets-encryption': true },
      },
      version: 'v1.35.1+k3s1',
      questions: [],
    })
  })

  test('the networks that k3s has taken for itself on a node with an IPv6 address: keel’s own defaults are others', () => {
    const networks = (...args: readonly string[]) =>
      takeOverRunning('ocean', host, running(['server', ...args])).cluster.networks
    expect(networks('--node-ip=fd00::5')).toEqual({ cluster: ['fd00:42::/56'], service: ['fd00:43::/112'] })
    expect(networks('--node-ip=fd00::5', '--cluster-cidr=fd01::/56')).toEqual({
      cluster: ['fd01::/56'],
      service: ['fd00:43::/112'],
    })
    expect(networks('--node-ip=10.0.0.5,fd00::5')).toBeUndefined()
    expect(networks()).toBeUndefined()
  })

  test('an agent that secrets.nix took for a server, with its taints and labels; those that are gone are asked for', () => {
    const args = [
      'agent',
      '--node-taint',
      'a=b:NoSchedule',
      '--node-taint',
      'gone:NoExecute',
      '--node-label',
      'zone=x',
      '--node-ip',
      '100.64.0.5',
    ]
    const taken = takeOverRunning(
      'ocean',
      host,
      running(args, {
        data: { server: false, agent: true },
        run: { programIsNewer: false, configured: {} },
        labels: { zone: 'x' },
        taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }],
      }),
    )
    expect(taken.host).toMatchObject({
      role: 'agent',
      nodeIP: '100.64.0.5',
      taints: ['a=b:NoSchedule', 'gone:NoExecute'],
      labels: { zone: 'x' },
    })
    expect(taken.questions).toEqual(["taints: k3s registered 'gone:NoExecute', and the Node does not have it now"])
  })

  test.each<[string, Partial<Running>, readonly string[], RegExp]>([
    ['another Node’s name', { nodeName: 'ocean.lan' }, [], /its Node is called 'ocean\.lan'/],
    [
      'a database elsewhere',
      { run: { programIsNewer: false, datastore: 'external', configured: {} } },
      [],
      /datastore: it is external/,
    ],
    ['another data folder', {}, ['--data-dir', '/mnt'], /k3s runs with --data-dir='\/mnt'/],
    [
      'a kubeconfig for everybody',
      {},
      ['--write-kubeconfig-mode', '644'],
      /--write-kubeconfig-mode='644', which keel refuses/,
    ],
    ['a secret', {}, ['--etcd-s3-access-key', '********'], /put its value into a secret/],
    ['a file of the store', {}, ['--kubelet-arg', 'config=/nix/store/x-kubelet'], /a file of its NixOS system/],
    [
      'a label that the kubelet sets',
      {},
      ['--node-label', 'kubernetes.io/arch=arm64'],
      /^labels: k3s has 'kubernetes\.io\/arch=arm64', which keel refuses: each kubelet sets it/,
    ],
    [
      'a label that k3s’s cloud controller sets',
      {},
      ['--node-label', 'node.kubernetes.io/instance-type=cx22'],
      /which keel refuses: the cloud controller of k3s sets it/,
    ],
    ['a flag that keel does not know', {}, ['--brand-new'], /--brand-new, which keel does not know/],
  ])('%s is a question, and never written', (_, more, args, question) => {
    const { questions, host: written, cluster } = takeOverRunning('ocean', host, running(['server', ...args], more))
    expect(questions).toEqual([expect.stringMatching(question)])
    expect({ ...written.k3s, ...cluster.k3s }).toEqual({})
  })

  test('questions are comments in the files, whatever a host has answered', () => {
    const files = newInventoryFiles({
      name: 'x',
      version: 'v1.36.3+k3s1',
      admins: {},
      hosts: new Map([['ocean', host]]),
      secrets: {},
      questions: new Map([['hosts/ocean/host.ts', ["one\u2028two\nthree $& '"]]]),
    })
    expect(files.get('hosts/ocean/host.ts')).toContain("\n// OPEN: one two three $& '\nexport default defineHost({")
    expect(files.get('hosts/cluster.ts')).not.toMatch(/secrets-encryption|write-kubeconfig/)
  })
})
