import type { Usage } from '../cgroups/counters.ts'
import { timeOf } from '../state/container-status.ts'
import { byPod, containerKey, type Measured, type MeasuredContainer, sumOf } from './measured.ts'

/** `/stats/summary` (k8s.io/kubelet/pkg/apis/stats/v1alpha1). @param before an earlier moment; absent: the first one */
export function summary(name: string, now: Measured, before: Measured | undefined): object {
  const earlier = new Map(before?.containers.map((one) => [containerKey(one), one]))
  const { node, disk, containers } = now
  const time = timeOf(now.time)
  const seconds = (now.time - (before?.time ?? node.booted)) / 1000
  const cpu = (usage: Usage, rate: number) => ({
    time,
    usageNanoCores: Math.max(Math.round(rate), 0),
    usageCoreNanoSeconds: usage.cpu,
  })
  const memory = ({ memory: usageBytes, workingSet: workingSetBytes, rss: rssBytes }: Usage) => ({
    time,
    usageBytes,
    workingSetBytes,
    rssBytes,
  })
  const rateOf = (one: MeasuredContainer) => {
    const last = earlier.get(containerKey(one))
    const isSameRun =
      last !== undefined && last.started === one.started && before !== undefined && now.time > before.time
    return isSameRun ? (one.cpu - last.cpu) / seconds : (one.cpu * 1000) / Math.max(now.time - one.started, 1000)
  }
  return {
    node: {
      nodeName: name,
      startTime: timeOf(node.booted),
      cpu: cpu(node, (node.cpu - (before?.node.cpu ?? 0)) / Math.max(seconds, 1)),
      memory: { ...memory(node), availableBytes: Math.max(node.total - node.workingSet, 0) },
      fs: {
        time,
        availableBytes: disk.available,
        capacityBytes: disk.total,
        usedBytes: disk.total - disk.available,
        inodesFree: disk.inodesLeft,
        inodes: disk.inodes,
        inodesUsed: disk.inodes - disk.inodesLeft,
      },
    },
    pods: byPod(containers).map((all) => {
      const [{ namespace, pod, uid } = { namespace: '', pod: '', uid: '' }] = all
      const rates = all.map(rateOf)
      const whole = sumOf(all)
      return {
        podRef: { name: pod, namespace, uid },
        startTime: timeOf(Math.min(...all.map(({ started }) => started))),
        containers: all.map((one, index) => ({
          name: one.container,
          startTime: timeOf(one.started),
          cpu: cpu(one, rates[index] ?? 0),
          memory: memory(one),
        })),
        cpu: cpu(
          whole,
          rates.reduce((sum, rate) => sum + rate, 0),
        ),
        memory: memory(whole),
      }
    }),
  }
}
