import { counter, gauge } from '../../agent/routes/exposition.ts'
import { byPod, type Measured } from './measured.ts'

/** Of the program itself: bytes, seconds. */
export interface OwnUse {
  readonly cpu: number
  readonly memory: number
  /** Since 1970. */
  readonly started: number
}

/** How many requests came as WebSockets, by what they asked for. */
export type WebSockets = Readonly<Record<'exec' | 'attach' | 'portforward', number>>

/** `/metrics`: what a kubelet says of itself, by its names. */
export function nodeMetrics(
  node: string,
  { containers }: Measured,
  { cpu, memory, started }: OwnUse,
  webSockets: WebSockets,
): string {
  return [
    gauge('kubelet_node_name', 'The name of the Node', [{ value: 1, labels: { node } }]),
    gauge('kubelet_running_pods', 'Number of pods that have a running container', [
      { value: byPod(containers).length },
    ]),
    gauge('kubelet_running_containers', 'Number of containers that run', [
      { value: containers.length, labels: { container_state: 'running' } },
    ]),
    counter(
      'kubelet_websocket_streaming_requests_total',
      'Requests to exec, attach and port-forward that came as WebSockets',
      Object.entries(webSockets).map(([subresource, value]) => ({ value, labels: { subresource } })),
    ),
    counter('process_cpu_seconds_total', 'Processor time of keel-vkubelet', [{ value: cpu }]),
    gauge('process_resident_memory_bytes', 'Memory of keel-vkubelet', [{ value: memory }]),
    gauge('process_start_time_seconds', 'When keel-vkubelet was started', [{ value: started }]),
  ].join('')
}
