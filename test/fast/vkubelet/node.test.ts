import { describe, expect, test } from 'vitest'
import { type NodeFacts, PROVIDER_TAINT } from '../../../src/vkubelet/node/node-facts.ts'
import { nextReport, nodeLease } from '../../../src/vkubelet/node/node-lease.ts'
import { nodeConditions, nodeObject, nodeStatus } from '../../../src/vkubelet/node/node-object.ts'
import { type Left, pressuresOf } from '../../../src/vkubelet/node/pressures.ts'

const facts: NodeFacts = {
  name: 'ocean',
  labels: { 'example.com/rack': '3', 'kubernetes.io/os': 'plan9' },
  taints: [PROVIDER_TAINT],
  arch: 'amd64',
  cores: 4,
  memory: 8 * 2 ** 30,
  disk: 100 * 2 ** 30,
  mostPods: 110,
  reserve: { milliCores: 250, memory: 2 ** 29 },
  addresses: ['10.0.0.1', 'fd00::1'],
  port: 10250,
  system: {
    machineId: 'm'.repeat(32),
    bootId: 'b',
    kernel: '6.1.0-18-amd64',
    osImage: 'Debian GNU/Linux 12 (bookworm)',
    systemd: '252',
    version: 'v1.34.4-keel',
  },
}
const enough: Left = {
  memory: { total: 8e9, available: 4e9 },
  disk: { total: 1e11, available: 5e10, inodes: 1000, inodesLeft: 900 },
  tasks: { most: 32_768, now: 200 },
}

describe('the Node', () => {
  test('registers with its taints, and nobody’s labels for what it is', () => {
    expect(nodeObject(facts)).toEqual({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: 'ocean',
        labels: {
          'example.com/rack': '3',
          'kubernetes.io/os': 'linux',
          'kubernetes.io/hostname': 'ocean',
          'kubernetes.io/arch': 'amd64',
        },
      },
      spec: { taints: [{ key: 'virtual-kubelet.io/provider', value: 'systemd', effect: 'NoSchedule' }] },
    })
  })

  test.each([
    ['v1.35.9', undefined],
    ['v1.36.0', ['ExtendWebSocketsToKubelet']],
    ['v1.37.1-keel', ['ExtendWebSocketsToKubelet']],
    ['', undefined],
  ])('of Kubernetes %j takes WebSockets: %j', (version, expected) => {
    const patch = nodeStatus({ ...facts, system: { ...facts.system, version } }, [], [], '2026-11-30T08:00:00Z')
    expect(patch).toHaveProperty('status')
    expect((patch as { status: { declaredFeatures?: unknown } }).status.declaredFeatures).toEqual(expected)
  })

  test('has what Pods can get, without what the system keeps', () => {
    const now = '2026-11-30T08:00:00Z'
    const known = [{ type: 'Ready', status: 'True', since: '2026-11-30T07:00:00Z' }]
    expect(nodeStatus(facts, nodeConditions(pressuresOf(enough), undefined), known, now)).toMatchObject({
      status: {
        capacity: { cpu: '4', memory: '8388608Ki', 'ephemeral-storage': '107374182400', pods: '110' },
        allocatable: { cpu: '3750m', memory: '7864320Ki', 'ephemeral-storage': '107374182400', pods: '110' },
        addresses: [
          { type: 'InternalIP', address: '10.0.0.1' },
          { type: 'InternalIP', address: 'fd00::1' },
          { type: 'Hostname', address: 'ocean' },
        ],
        daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
        nodeInfo: { containerRuntimeVersion: 'systemd://252', operatingSystem: 'linux', architecture: 'amd64' },
        conditions: [
          { type: 'Ready', status: 'True', lastHeartbeatTime: now, lastTransitionTime: '2026-11-30T07:00:00Z' },
          { type: 'MemoryPressure', status: 'False', lastTransitionTime: now },
          { type: 'DiskPressure', status: 'False' },
          { type: 'PIDPressure', status: 'False' },
        ],
      },
    })
  })

  test.each<[string, Partial<Left>, string]>([
    ['memory', { memory: { total: 8e9, available: 1e8 } }, 'MemoryPressure'],
    ['disk', { disk: { ...enough.disk, available: 9e9 } }, 'DiskPressure'],
    ['inodes', { disk: { ...enough.disk, inodesLeft: 49 } }, 'DiskPressure'],
    ['processes', { tasks: { most: 1000, now: 960 } }, 'PIDPressure'],
  ])('is short of %s', (_what, left, type) => {
    const conditions = nodeConditions(pressuresOf({ ...enough, ...left }), undefined)
    expect(conditions.filter(({ status }) => status === 'True').map((one) => one.type)).toEqual(['Ready', type])
  })

  test('is short of nothing where a file system has no inodes of its own', () => {
    expect(pressuresOf({ ...enough, disk: { ...enough.disk, inodes: 0, inodesLeft: 0 } }).disk).toBe(false)
  })

  test('is not Ready with a problem, and says which', () => {
    expect(nodeConditions(pressuresOf(enough), 'systemd does not answer')[0]).toMatchObject({
      type: 'Ready',
      status: 'False',
      message: 'systemd does not answer',
    })
  })
})

test('its Lease goes with the Node', () => {
  const lease = nodeLease('ocean', 'uid', Date.parse('2026-11-30T08:00:00.123Z'), '17')
  expect(lease).toEqual({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: 'ocean',
      namespace: 'kube-node-lease',
      resourceVersion: '17',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'ocean', uid: 'uid' }],
    },
    spec: { holderIdentity: 'ocean', leaseDurationSeconds: 40, renewTime: '2026-11-30T08:00:00.123000Z' },
  })
  expect(nodeLease('ocean', 'uid', 0)).not.toHaveProperty('metadata.resourceVersion')
})

test('it is reported four times while its Lease lasts, and soon again after a failure', () => {
  expect(nextReport(0)).toBe(10_000)
  expect([1, 2, 3].map((failures) => nextReport(failures, 0.5))).toEqual([500, 1_000, 2_000])
  expect(nextReport(30, 1)).toBe(10_000)
})
