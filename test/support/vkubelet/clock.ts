import type { LabCluster } from '../lab/lab-cluster.ts'
import { until } from '../until.ts'

interface ClockPod {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly nodeName: string }
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] }
}

/** A DaemonSet on every systemd node, of which each Pod says `started`. */
export function clock(of: () => LabCluster) {
  const labels = { app: 'clock' }
  const pods = async (): Promise<readonly ClockPod[]> =>
    JSON.parse(await of().kubectl('get', 'pods', '-l', 'app=clock', '-o', 'json')).items
  const isReady = ({ status }: ClockPod) =>
    status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True')
  return {
    pods,
    isReady,
    rolledOut: (seconds = 90) => of().kubectl('rollout', 'status', 'daemonset/clock', `--timeout=${seconds}s`),

    /** @param ready the command of its readiness probe */
    apply: (ready: string) =>
      of().apply({
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
                  args: ['-c', 'echo started; exec sleep 3600'],
                  readinessProbe: { exec: { command: [ready] }, periodSeconds: 1 },
                },
              ],
            },
          },
        },
      }),

    /** Waits until an update has come to its first Pod, and that one is not ready. @returns the others */
    stuck: (nodes: number): Promise<readonly ClockPod[]> =>
      until('one Pod is new and not ready', async () => {
        const all = await pods()
        const ready = all.filter(isReady)
        return all.length === nodes && ready.length === nodes - 1 ? ready : undefined
      }),
  }
}
