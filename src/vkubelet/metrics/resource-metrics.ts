import { counter, gauge, type Sample } from '../../agent/routes/exposition.ts'
import { byPod, type Measured, sumOf } from './measured.ts'

/**
 * A processor time or a memory of zero is none for metrics-server: it drops the container with all of its Pod, and a Node
 * with all of its Pods. A process that has just begun may have used less than the kernel counts.
 */
const LEAST = { seconds: 0.001, bytes: 1 }

/** `/metrics/resource`, which metrics-server reads (k8s.io/kubernetes/pkg/kubelet/metrics/collectors). */
export function resourceMetrics({ time, node, containers }: Measured): string {
  const cpu = (nanoseconds: number) => Math.max(nanoseconds / 1e9, LEAST.seconds)
  const memory = (bytes: number) => Math.max(bytes, LEAST.bytes)
  const ofContainers = (value: (one: (typeof containers)[number]) => number): Sample[] =>
    containers.map((one) => ({
      value: value(one),
      labels: { container: one.container, namespace: one.namespace, pod: one.pod },
      time,
    }))
  const ofPods = (value: (sum: ReturnType<typeof sumOf>) => number): Sample[] =>
    byPod(containers).map((all) => {
      const [{ namespace = '', pod = '' } = {}] = all
      return { value: value(sumOf(all)), labels: { namespace, pod }, time }
    })
  return [
    counter(
      'container_cpu_usage_seconds_total',
      '[STABLE] Cumulative cpu time consumed by the container in core-seconds',
      ofContainers((one) => cpu(one.cpu)),
    ),
    gauge(
      'container_memory_working_set_bytes',
      '[STABLE] Current working set of the container in bytes',
      ofContainers((one) => memory(one.workingSet)),
    ),
    gauge(
      'container_start_time_seconds',
      '[STABLE] Start time of the container since unix epoch in seconds',
      ofContainers((one) => one.started / 1000),
    ),
    counter('node_cpu_usage_seconds_total', '[STABLE] Cumulative cpu time consumed by the node in core-seconds', [
      { value: cpu(node.cpu), time },
    ]),
    gauge('node_memory_working_set_bytes', '[STABLE] Current working set of the node in bytes', [
      { value: memory(node.workingSet), time },
    ]),
    counter(
      'pod_cpu_usage_seconds_total',
      '[STABLE] Cumulative cpu time consumed by the pod in core-seconds',
      ofPods((sum) => cpu(sum.cpu)),
    ),
    gauge(
      'pod_memory_working_set_bytes',
      '[STABLE] Current working set of the pod in bytes',
      ofPods((sum) => memory(sum.workingSet)),
    ),
    gauge('resource_scrape_error', '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise', [
      { value: 0 },
    ]),
  ].join('')
}
