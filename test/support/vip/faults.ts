import type { LabHost } from '../lab/lab-host.ts'
import { until } from '../until.ts'
import type { VipLab } from './watch.ts'

/** A fault on the server that has the address. */
export interface VipFault {
  readonly what: string
  /** The seconds for which the service may be interrupted. */
  readonly goal: number
  readonly inject: (cluster: VipLab, holder: string) => Promise<void>
  /** Repairs the server. Absent: it recovers by itself. */
  readonly heal?: (cluster: VipLab, holder: string) => Promise<void>
}

/**
 * With this, the API server reports that it is not ready for a while before it ends: `shutdown-delay-duration` in
 * kube-apiserver's reference.
 */
export const shutdownDelay = 'shutdown-delay-duration=5s'

export const readyzSays500: VipFault = {
  what: '/readyz says 500',
  goal: 3,
  // an API server that must end still answers, and reports that it is not ready
  inject: async (cluster, holder) => void (await cluster.host(holder).sh('kill -TERM $(pgrep -x kube-apiserver)')),
}

export const processKilled: VipFault = {
  what: 'API process killed',
  goal: 2.5,
  inject: async (cluster, holder) => {
    const { MainPID } = await cluster.host(holder).unit()
    await cluster.host(holder).sh(`kill -9 ${MainPID}`)
  },
}

export const powerCut: VipFault = {
  what: 'power cut',
  goal: 3,
  inject: (cluster, holder) => cluster.power('power-off', holder),
  heal: (cluster, holder) => cluster.power('start', holder),
}

export const cleanStop: VipFault = {
  what: 'clean stop',
  goal: 1,
  inject: async (cluster, holder) => void (await cluster.host(holder).sh('systemctl poweroff')),
  heal: (cluster, holder) => cluster.power('start', holder),
}

const apiOnLoopback = 'INPUT -i lo -p tcp --dport 6443 -j REJECT --reject-with tcp-reset'

/** Closes the port of the API server for its checker, and for nobody else. */
export const closeApi = (host: LabHost) => host.sh(`iptables -I ${apiOnLoopback}`)
export const openApi = (host: LabHost) => host.sh(`iptables -D ${apiOnLoopback}`)

/** Ten changes, evenly spread over these seconds. In the end the port is open. */
export async function comeAndGo(host: LabHost, seconds: number): Promise<void> {
  const since = performance.now()
  for (let change = 1; change <= 10; change += 1) {
    await (change % 2 === 1 ? closeApi : openApi)(host)
    await until('the next change is due', () => performance.now() - since >= change * seconds * 100)
  }
}
