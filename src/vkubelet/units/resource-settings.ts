import type { Pod, Resources } from '../pod/pod.ts'
import { milliUnits, type Quantity, wholeUnits } from '../pod/quantity.ts'
import type { Setting } from './unit-text.ts'

/** What a container may use (systemd.resource-control(5)). */
export function resourceSettings({ limits, requests }: Resources): readonly Setting[] {
  const settings: Setting[] = [['CPUWeight', `${weightOf(requests.cpu ?? 0n)}`]]
  if (limits.cpu !== undefined) settings.push(['CPUQuota', percentOf(limits.cpu)])
  // a Pod has no swap in Kubernetes either (kubelet's NoSwap)
  if (limits.memory !== undefined) settings.push(['MemoryMax', `${wholeUnits(limits.memory)}`], ['MemorySwapMax', '0'])
  return settings
}

/** Of a Pod's slice: its share beside other Pods is that of all its containers. */
export function podResourceSettings({ containers }: Pod, mostTasks: number): readonly Setting[] {
  const cpu = containers.reduce((sum, { resources }) => sum + (resources.requests.cpu ?? 0n), 0n)
  return [
    ['CPUWeight', `${weightOf(cpu)}`],
    ['TasksMax', `${mostTasks}`],
  ]
}

/** A core is worth systemd's default, 100; the bounds are systemd's (1 to 10,000). */
function weightOf(cpu: Quantity): bigint {
  const weight = milliUnits(cpu) / 10n
  return weight < 1n ? 1n : weight > 10_000n ? 10_000n : weight
}

/** systemd counts hundredths of a percent of one core, and takes no less than one. */
function percentOf(cpu: Quantity): string {
  const milli = milliUnits(cpu)
  return `${milli / 10n}.${milli % 10n}%`.replace('.0%', '%').replace(/^0%$/, '0.1%')
}
