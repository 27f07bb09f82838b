import { describe, expect, test } from 'vitest'
import { bootTime, machineUsage, memoryOf, numberIn, statOf } from '../../../src/vkubelet/cgroups/counters.ts'
import type { Measured, MeasuredContainer } from '../../../src/vkubelet/metrics/measured.ts'
import { nodeMetrics } from '../../../src/vkubelet/metrics/node-metrics.ts'
import { resourceMetrics } from '../../../src/vkubelet/metrics/resource-metrics.ts'
import { summary } from '../../../src/vkubelet/metrics/summary.ts'

const NOW = Date.parse('2026-11-30T12:00:00.250Z')

const one: MeasuredContainer = {
  namespace: 'default',
  pod: 'web',
  uid: 'u1',
  container: 'main',
  started: NOW - 100_000,
  cpu: 2_500_000_000,
  workingSet: 1_000_000,
  memory: 2_000_000,
  rss: 500_000,
}
const measured = (containers: readonly MeasuredContainer[] = [one], time = NOW): Measured => ({
  time,
  node: { cpu: 9e12, workingSet: 6e9, memory: 7e9, rss: 5e9, booted: NOW - 1e9, total: 8e9 },
  disk: { total: 100, available: 40, inodes: 10, inodesLeft: 4 },
  containers,
})

describe('what the kernel says', () => {
  test('of memory with cgroup v1 and v2', () => {
    const v1 = 'cache 3\nrss 1\ninactive_file 1\ntotal_rss 70\ntotal_inactive_file 30\n'
    expect(memoryOf('v1', '100\n', v1)).toEqual({ memory: 100, workingSet: 70, rss: 70 })
    expect(memoryOf('v2', '100\n', 'anon 60\nfile 40\ninactive_file 25\n')).toEqual({
      memory: 100,
      workingSet: 75,
      rss: 60,
    })
    expect(memoryOf('v2', '10\n', 'anon 1\ninactive_file 25\n')).toMatchObject({ workingSet: 0 })
    expect(memoryOf('v2', 'max\n', '')).toBeUndefined()
  })

  test('of the machine', () => {
    const stat = 'cpu  100 20 30 4000 50 6 7 8 0 0\ncpu0 1 1 1 1\nbtime 1700000000\n'
    const meminfo =
      'MemTotal:        8000 kB\nMemFree:         1000 kB\nMemAvailable:    3000 kB\nActive(file):  5 kB\nAnonPages:       2000 kB\n'
    expect(machineUsage(stat, meminfo)).toEqual({
      cpu: 171 * 10_000_000,
      workingSet: 5000 * 1024,
      memory: 7000 * 1024,
      rss: 2000 * 1024,
    })
    expect(bootTime(stat)).toBe(1_700_000_000_000)
  })

  test('of nothing it knows is nothing', () => {
    expect([...statOf('\nx\nname -5\nname 0x1\n')]).toEqual([])
    expect([numberIn(''), numberIn('-1'), numberIn('1 2'), numberIn('12\n')]).toEqual([
      undefined,
      undefined,
      undefined,
      12,
    ])
  })
})

describe('/metrics/resource', () => {
  const lines = (all: Measured) =>
    resourceMetrics(all)
      .split('\n')
      .filter((line) => !line.startsWith('#'))

  test('has the Node, its containers and its Pods, with times in milliseconds', () => {
    expect(lines(measured([one, { ...one, container: 'side', cpu: 500_000_000 }]))).toEqual([
      `container_cpu_usage_seconds_total{container="main",namespace="default",pod="web"} 2.5 ${NOW}`,
      `container_cpu_usage_seconds_total{container="side",namespace="default",pod="web"} 0.5 ${NOW}`,
      `container_memory_working_set_bytes{container="main",namespace="default",pod="web"} 1000000 ${NOW}`,
      `container_memory_working_set_bytes{container="side",namespace="default",pod="web"} 1000000 ${NOW}`,
      `container_start_time_seconds{container="main",namespace="default",pod="web"} ${(NOW - 100_000) / 1000} ${NOW}`,
      `container_start_time_seconds{container="side",namespace="default",pod="web"} ${(NOW - 100_000) / 1000} ${NOW}`,
      `node_cpu_usage_seconds_total 9000 ${NOW}`,
      `node_memory_working_set_bytes 6000000000 ${NOW}`,
      `pod_cpu_usage_seconds_total{namespace="default",pod="web"} 3 ${NOW}`,
      `pod_memory_working_set_bytes{namespace="default",pod="web"} 2000000 ${NOW}`,
      'resource_scrape_error 0',
      '',
    ])
  })

  test('never says 0 of what runs: metrics-server would drop all of the Pod', () => {
    const values = lines(measured([{ ...one, cpu: 0, workingSet: 0 }]))
      .filter((line) => line.startsWith('container_'))
      .map((line) => Number(line.split(' ')[1]))
    expect(values.length).toBe(3)
    for (const value of values) expect(value).toBeGreaterThan(0)
  })

  test('of a Node without Pods is the Node', () => {
    expect(lines(measured([])).map((line) => line.split(/[ {]/)[0])).toEqual([
      'node_cpu_usage_seconds_total',
      'node_memory_working_set_bytes',
      'resource_scrape_error',
      '',
    ])
  })
})

test('/metrics counts what runs', () => {
  const use = { cpu: 1.5, memory: 7, started: 9 }
  const webSockets = { exec: 3, attach: 0, portforward: 1 }
  const text = nodeMetrics('ocean', measured([one, { ...one, container: 'side' }]), use, webSockets)
  expect(text).toContain('kubelet_node_name{node="ocean"} 1\n')
  expect(text).toContain('kubelet_running_pods 1\n')
  expect(text).toContain('kubelet_running_containers{container_state="running"} 2\n')
  expect(text).toContain('kubelet_websocket_streaming_requests_total{subresource="exec"} 3\n')
  expect(text).toContain('process_resident_memory_bytes 7\n')
})

describe('/stats/summary', () => {
  interface Cpu {
    readonly usageNanoCores: number
    readonly usageCoreNanoSeconds: number
  }
  interface Summary {
    readonly node: { readonly cpu: Cpu; readonly startTime: string; readonly fs: object; readonly memory: object }
    readonly pods: readonly {
      readonly podRef: object
      readonly cpu: Cpu
      readonly containers: readonly { readonly name: string; readonly startTime: string; readonly cpu: Cpu }[]
    }[]
  }
  const of = (now: Measured, before?: Measured) => summary('ocean', now, before) as Summary

  test('has the Node and each Pod', () => {
    const { node, pods } = of(measured())
    expect(node).toMatchObject({
      nodeName: 'ocean',
      memory: {
        workingSetBytes: 6e9,
        availableBytes: 2e9,
        usageBytes: 7e9,
        rssBytes: 5e9,
        time: '2026-11-30T12:00:00Z',
      },
      fs: { availableBytes: 40, capacityBytes: 100, usedBytes: 60, inodesUsed: 6 },
    })
    expect(pods).toMatchObject([
      {
        podRef: { name: 'web', namespace: 'default', uid: 'u1' },
        startTime: '2026-11-30T11:58:20Z',
        containers: [
          { name: 'main', memory: { workingSetBytes: 1_000_000 }, cpu: { usageCoreNanoSeconds: 2_500_000_000 } },
        ],
      },
    ])
  })

  test('has a rate since the measurement before, and at first since the start', () => {
    expect(of(measured()).pods[0]?.containers[0]?.cpu.usageNanoCores).toBe(25_000_000)
    const later = measured([{ ...one, cpu: one.cpu + 1_000_000_000 }], NOW + 10_000)
    const { pods, node } = of(later, measured())
    expect(pods[0]?.cpu.usageNanoCores).toBe(100_000_000)
    expect(node.cpu.usageNanoCores).toBe(0)
  })

  test('of a container that was started again is never below 0', () => {
    const again = measured([{ ...one, cpu: 1_000, started: NOW + 5_000 }], NOW + 10_000)
    expect(of(again, measured()).pods[0]?.cpu.usageNanoCores).toBeGreaterThanOrEqual(0)
    expect(of(measured([{ ...one, cpu: 1 }], NOW + 10_000), measured()).pods[0]?.cpu.usageNanoCores).toBe(0)
  })
})
