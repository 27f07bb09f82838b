import { describe, expect, it } from 'vitest'
import { decideRequest } from '../../../src/agent/approver/decide-request.ts'
import { certificateRequest } from '../../../src/agent/operational/certificate-request.ts'
import { clusterStateOf } from '../../../src/desired/cluster-state.ts'
import type { HostName } from '../../../src/model/brands.ts'
import type { Cluster, Host, KeelAgent } from '../../../src/model/cluster.ts'
import { type ApproverPolicy, approverPolicySchema } from '../../../src/model/keel-agent/approver-policy.ts'
import { nodeAgentOf } from '../../../src/parts/keel-agent/node-agent-of.ts'
import { approverService, tokenService } from '../../../src/parts/keel-approver/approver-services.ts'
import { nodeApproverOf } from '../../../src/parts/keel-approver/node-approver-of.ts'
import { sampleSigningRequest } from '../../support/agent/sample-signing-request.ts'
import { sampleKubeadm } from '../../support/samples/kubeadm-cluster.ts'
import { sampleCluster, sampleHost } from '../../support/samples/sample-cluster.ts'

const keelAgent: KeelAgent = { credential: { kind: 'kubelet' }, rbac: 'split', port: 50_051, logLevel: 'info' }
const ocean = sampleHost({ name: 'ocean', role: 'server', firstServer: true, nodeIPs: ['10.0.0.1'], keelAgent: true })
const bay = sampleHost({ name: 'bay', role: 'server', nodeIPs: ['10.0.0.2'] })
const maia = sampleHost({ name: 'maia', nodeIPs: ['10.0.0.3', 'FD00::3'], keelAgent: true })
const address = sampleHost({
  name: 'reef',
  address: { user: 'root', host: '203.0.113.7', port: 22 },
  keelAgent: true,
})

const wholeOf = (over: Partial<KeelAgent> = {}) => {
  const cluster: Cluster = sampleCluster([ocean, bay, maia, address], { keelAgent: { ...keelAgent, ...over } })
  return clusterStateOf(cluster)
}
const approverOn = (host: Host, over: Partial<KeelAgent> = {}) => nodeApproverOf(wholeOf(over))(host)
const policyOf = (over: Partial<KeelAgent> = {}): ApproverPolicy =>
  approverPolicySchema.parse(JSON.parse(approverOn(ocean, over)?.policy.content ?? ''))

describe('the keel-approver is on', () => {
  it.each<[string, Host, Partial<KeelAgent>, boolean]>([
    ['a server with an agent', ocean, {}, true],
    ['no server without one: it has no program', bay, {}, false],
    ['no agent', maia, {}, false],
    ['no server where agents approve their own requests', ocean, { rbac: 'one-role' }, false],
  ])('%s', (_what, host, over, expected) => {
    expect(approverOn(host, over) !== undefined).toBe(expected)
  })
})

describe('its policy', () => {
  it.each([ocean, maia, address])('approves what the agent of $name requests', (host) => {
    const file = nodeAgentOf(wholeOf(), host)?.files.find(({ path }) => path === '/etc/keel/agent.json')
    const { names } = JSON.parse(file?.content ?? '')
    const asked = sampleSigningRequest(
      { username: `system:node:${host.name}` },
      { pem: certificateRequest(host.name, names).request },
    )
    expect(decideRequest(policyOf(), asked, 0)).toMatchObject({ kind: 'approve' })
    // and not for another host, whatever its names are
    const other = sampleSigningRequest(
      { username: 'system:node:bay' },
      { pem: certificateRequest(host.name, names).request },
    )
    expect(decideRequest(policyOf(), other, 0)).toMatchObject({ kind: 'deny', reason: 'RequesterNotAllowed' })
  })

  it('allows nothing to a host without an agent', () => {
    expect(policyOf().allowed.map(({ node }) => node)).toEqual(['ocean', 'maia', 'reef'])
  })

  it('allows a serving certificate to every kubelet of kubeadm, whose own lifetime is the longest', () => {
    const cluster = sampleCluster([ocean, bay, maia], { keelAgent, distribution: sampleKubeadm })
    const text = nodeApproverOf(clusterStateOf(cluster))(ocean)?.policy.content ?? ''
    const policy = approverPolicySchema.parse(JSON.parse(text))
    const kubeletOf = (node: string, names: readonly string[], over: object = {}) =>
      decideRequest(
        policy,
        sampleSigningRequest(
          { username: `system:node:${node}`, expirationSeconds: undefined, ...over },
          { pem: certificateRequest(node as HostName, names).request },
        ),
        0,
      )
    expect(kubeletOf('bay', ['10.0.0.2'])).toMatchObject({ kind: 'approve' })
    expect(kubeletOf('maia', ['10.0.0.3'])).toMatchObject({ kind: 'approve' })
    expect(kubeletOf('maia', ['10.0.0.2'])).toMatchObject({ kind: 'deny', reason: 'NamesNotAllowed' })
    expect(kubeletOf('maia', ['10.0.0.3'], { username: 'system:node:bay' })).toMatchObject({
      kind: 'deny',
      reason: 'SubjectNotAllowed',
    })
    // k3s issues these itself
    expect(policyOf().allowed).toHaveLength(3)
  })

  it('believes a token only for the node that it is bound to', () => {
    const { allowed } = policyOf({ credential: { kind: 'token', file: '/etc/token' } })
    expect(allowed.map(({ requester }) => requester.extra)).toEqual(
      ['ocean', 'maia', 'reef'].map((name) => ({ 'authentication.kubernetes.io/node-name': [name] })),
    )
  })
})

describe('its token', () => {
  const node = approverOn(ocean) ?? expect.unreachable()

  it('is in no argument: only builtins of the shell have it', () => {
    const uses = node.tokenScript.content.split('\n').filter((line) => /\$token/.test(line))
    expect(uses).toEqual([
      expect.stringMatching(/^ {2}\[ -n "\$token" \] && put ca\.crt < \S+ && printf '%s\\n' "\$token" \| put token$/),
    ])
  })

  it('is in a folder that only root enters, of which the approver sees the inside', () => {
    expect(tokenService(node, '/p').service).toMatchObject({
      RuntimeDirectory: 'keel-approver',
      RuntimeDirectoryMode: '0700',
    })
    expect(approverService(node, '/p').service).toMatchObject({
      BindReadOnlyPaths: ['/run/keel-approver/credential:/run/keel-approver'],
      DynamicUser: 'yes',
    })
  })
})
