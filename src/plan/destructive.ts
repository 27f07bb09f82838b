import { describeObject } from '../model/kubernetes/cluster-object.ts'
import { foreignText } from '../model/text/foreign-text.ts'
import { hasOperation, operationsOf } from './operation.ts'
import type { HostPlan, Plan } from './plan.ts'
import { shortUnit } from './short-unit.ts'

/** The host is then no node of the cluster any more, or changes its role. */
const kubernetesUnit = /^k3s(?:-agent)?\.service$/

/**
 * What of a plan nobody can undo, or interrupts the API of a server, each a line: `restarts k3s on ocean`. Empty if the
 * plan has nothing of that kind.
 * @param runs whether Kubernetes runs on a host: elsewhere a restart interrupts nothing
 */
export function destructiveSteps({ hosts, objects }: Plan, runs: (host: string) => boolean): readonly string[] {
  const servers = hosts.filter(({ host, role }) => role === 'server' && runs(host))
  const drained = hosts.flatMap(({ operations }) => operationsOf(operations, 'drain-node'))
  const forgotten = hosts.flatMap(({ operations }) => operationsOf(operations, 'forget-node'))
  const upgraded = servers.filter(({ operations }) => hasOperation(operations, 'upgrade-node'))
  const switched = servers.filter(({ operations }) => hasOperation(operations, 'switch-system'))
  return [
    ...drained.map(({ node }) => `evicts all Pods of Node ${node}: the data of their emptyDir volumes is lost`),
    ...forgotten.map(({ node }) => `deletes Node ${node}, its node password and etcd member`),
    ...hosts.flatMap(removals),
    ...objects.operations.flatMap((one) =>
      one.op === 'remove-object' && one.kind === 'Namespace'
        ? [`deletes ${describeObject(one)} and all that is in it`]
        : [],
    ),
    ...restarts(servers, 'always').map((step) => `restarts ${step}`),
    ...restarts(servers, 'value-changed').map((step) => `may restart ${step}`),
    ...(upgraded.length === 0 ? [] : [`upgrades Kubernetes on ${names(upgraded)}, which nobody can undo`]),
    ...(switched.length === 0 ? [] : [`may restart Kubernetes on ${names(switched)} (a new system)`]),
  ]
}

/** A host's own list says which folders and units are keel's, so the list may name anything. */
function removals({ host, operations }: HostPlan): readonly string[] {
  return [
    ...operationsOf(operations, 'remove-directory').map(
      ({ path }) => `deletes ${foreignText(path)}/ and all that is in it on ${host}`,
    ),
    ...operationsOf(operations, 'remove-unit')
      .filter(({ unit }) => kubernetesUnit.test(unit))
      .map(({ unit }) => `stops and removes ${unit} on ${host}`),
  ]
}

/** Each unit with its hosts: `k3s on ocean, maia`. */
function restarts(servers: readonly HostPlan[], when: 'always' | 'value-changed'): readonly string[] {
  const found = servers.flatMap((server) =>
    operationsOf(server.operations, 'restart-unit')
      .filter((operation) => operation.when === when)
      .map(({ unit }) => ({ unit: shortUnit(unit), server })),
  )
  return [...Map.groupBy(found, ({ unit }) => unit)].map(
    ([unit, of]) => `${unit} on ${names(of.map(({ server }) => server))}`,
  )
}

function names(hosts: readonly HostPlan[]): string {
  return hosts.map(({ host }) => host).join(', ')
}
