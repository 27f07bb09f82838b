import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import type { Cluster, Host, KeelAgent } from '../../../src/model/cluster.ts'
import { agentConfigSchema } from '../../../src/model/keel-agent/agent-config.ts'
import { nodeAgentOf } from '../../../src/parts/keel-agent/node-agent-of.ts'
import { renderedOf } from '../../../src/targets/render.ts'
import { kubeadmSurroundings, sampleKubeadm } from '../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'
import { filesOf } from '../../support/samples/sample-facts.ts'

const keelAgent: KeelAgent = { credential: { kind: 'kubelet' }, rbac: 'split', port: 50_051, logLevel: 'info' }
const server = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'], keelAgent: true })
const agent = sampleHost({ name: 'maia', keelAgent: true })

function fileOf(host: Host, path: string, over: Partial<Cluster> = {}): string {
  const found = nodeAgentOf(
    clusterStateOf(sampleCluster([server, host], { keelAgent, ...over }), { agentCa: 'the CA' }),
    host,
  )
  return found?.files.find((file) => file.path === path)?.content ?? expect.unreachable()
}

describe("the keel-agent's configuration", () => {
  const written = JSON.parse(
    fileOf(agent, '/etc/keel/agent.json', { keelAgent: { ...keelAgent, port: 4000, logLevel: 'warn' } }),
  )

  it('is what its schema takes, and says what the inventory does', () => {
    expect(agentConfigSchema.parse(written)).toMatchObject({
      listen: { port: 4000 },
      log: { level: 'warn' },
      operational: { seconds: 604_800 },
    })
  })

  it.each([
    ['of another version', { version: 2 }],
    ['with a key that nobody knows', { kubelet: true }],
    ['without a port', { listen: {} }],
    ['with a port that its unit may not take', { listen: { port: 443 } }],
    ['with a lifetime that Kubernetes refuses', { operational: { ...written.operational, seconds: 599 } }],
    ['with one that the approver denies', { operational: { ...written.operational, seconds: 604_801 } }],
    ['with a path that is relative to nothing', { operational: { ...written.operational, key: 'operational.key' } }],
  ])('is refused %s', (_, change) => {
    expect(agentConfigSchema.safeParse({ ...written, ...change }).success).toBe(false)
  })
})

it('has the CA of its clients beside its configuration, for everybody to read', () => {
  const whole = clusterStateOf(sampleCluster([server, agent], { keelAgent }), { agentCa: 'the CA' })
  const { files } = nodeAgentOf(whole, agent) ?? expect.unreachable()
  const { clients } = agentConfigSchema.parse(JSON.parse(fileOf(agent, '/etc/keel/agent.json')))
  expect(files.find(({ path }) => path === clients.ca)).toMatchObject({
    content: 'the CA',
    mode: '0644',
    owner: 'root',
  })
})

describe("the keel-agent's kubeconfig", () => {
  const kubeconfigOf = (host: Host, over: Partial<Cluster> = {}) => parse(fileOf(host, '/etc/keel/kubeconfig', over))
  const serverOf = (host: Host, over: Partial<Cluster> = {}) => kubeconfigOf(host, over).clusters[0].cluster.server
  const vip = { address: 'fd00::100', manager: 'kube-vip' } as const
  const kubeadm = { distribution: sampleKubeadm }

  it.each<[string, Host, Partial<Cluster>, string]>([
    ["a server's own API server", server, { vip }, 'https://127.0.0.1:6443'],
    ["an agent's load balancer", agent, { vip }, 'https://127.0.0.1:6444'],
    ['that on another port', { ...agent, k3s: { 'lb-server-port': 7000 } }, {}, 'https://127.0.0.1:7000'],
    [
      'the first server where there is none',
      { ...agent, k3s: { 'disable-apiserver-lb': true } },
      {},
      'https://10.0.0.1:6443',
    ],
    [
      'or the address that moves',
      { ...agent, k3s: { 'disable-apiserver-lb': true } },
      { vip },
      'https://[fd00::100]:6443',
    ],
    ['on kubeadm its own API server', server, { ...kubeadm, vip }, 'https://127.0.0.1:6443'],
    ['on a worker of kubeadm the first server', agent, kubeadm, 'https://10.0.0.1:6443'],
    ['on one the address that moves', agent, { ...kubeadm, vip }, 'https://[fd00::100]:6443'],
  ])('leads to %s', (_, host, over, url) => expect(serverOf(host, over)).toBe(url))

  it("names a CA that every host of kubeadm has, and the kubelet's own certificate", () => {
    const { clusters, users } = kubeconfigOf(agent, kubeadm)
    const { files } = filesOf(renderedOf(sampleCluster([server, agent], kubeadm), agent, kubeadmSurroundings))
    expect(files.map(({ path }) => path)).toContain(clusters[0].cluster['certificate-authority'])
    expect(users[0].user['client-key']).toBe('/var/lib/kubelet/pki/kubelet-client-current.pem')
  })

  it('holds paths and no credential', () => {
    const [kubelet] = kubeconfigOf(agent).users
    expect(Object.keys(kubelet.user)).toEqual(['client-certificate', 'client-key'])
    const credential = { kind: 'token', file: '/etc/keel-agent/token' } as const
    const [token] = kubeconfigOf(agent, { keelAgent: { ...keelAgent, credential } }).users
    expect(token.user).toEqual({ tokenFile: '/etc/keel-agent/token' })
  })
})
