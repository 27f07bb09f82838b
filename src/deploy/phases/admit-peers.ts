import { operationsOf } from '../../plan/operation.ts'
import type { Deployment } from '../deployment.ts'
import { stagingOf, tellDone } from '../host/host-deployment.ts'
import { admit } from '../through/admissions.ts'

/**
 * Lets new nodes through the firewalls and VRRP peers of hosts that are in. One after the other: no more than one of
 * the servers is ever busy with its address.
 * @throws KeelError `admit-nodes`
 */
export async function admitPeers({ planned, hosts, signal }: Deployment): Promise<void> {
  for (const admission of planned.admissions) {
    const staged = hosts.find(({ plan }) => plan.host === admission.host.name)
    await admit(admission, signal, staged === undefined ? undefined : stagingOf(staged))
    for (const host of hosts)
      tellDone(
        host,
        operationsOf(host.plan.operations, 'admit-node').filter(({ through }) => through === admission.host.name),
      )
  }
}
