import type { DistributionKind } from '../../model/distribution/distribution.ts'
import { fingerprint, parseSshPublicKey } from '../../model/keys/ssh-key.ts'
import type { HostInput } from '../../model/schema/input.ts'
import { shellQuote } from '../../templates/shell-quote.ts'

/** What the user has given so far, by flags and answers. */
export interface Told {
  name?: string
  version?: string
  distribution?: DistributionKind
  admins: Readonly<Record<string, string>>
  readonly hosts: Map<string, HostInput>
}

/** What keel is about to write, for a person who was asked. */
export function describeTold({ name, version, admins, hosts, distribution }: Told, target: string): string {
  return [
    `cluster ${name}, ${distribution === 'kubeadm' ? 'Kubernetes' : 'k3s'} ${version}, in ${target}`,
    ...Object.entries(admins).map(([admin, key]) => `  admin ${admin}: ${key.split(' ')[0]} ${shortKey(key)}`),
    ...[...hosts].map(([host, { role, os, address, hostKey, nodeIP }]) => {
      const key =
        typeof hostKey === 'string' ? `host key ${shortKey(hostKey)}` : `no host key yet (keel add-node ${host})`
      const ip = nodeIP === undefined ? '' : `, node address ${[nodeIP].flat().join(' and ')}`
      return `  ${role} ${host}: ${os}, ${address}${ip}, ${key}`
    }),
  ].join('\n')
}

/** The command line with the same answers, so that they are not lost if nothing was written. */
export function commandOf({ name, version, admins, hosts, distribution }: Told, directory: string): string {
  const words = [
    ...(name === undefined ? [] : ['--name', name]),
    ...(distribution === 'kubeadm' ? ['--distribution', 'kubeadm'] : []),
    ...(version === undefined ? [] : [distribution === 'kubeadm' ? '--kubernetes-version' : '--k3s-version', version]),
    ...Object.entries(admins).flatMap(([admin, key]) => ['--admin', `${admin}=${key}`]),
    ...[...hosts].flatMap(([host, input]) => ['--host', hostSpec(host, input)]),
  ]
  return ['keel init', directory, ...words].map((word, index) => (index === 0 ? word : shellQuote(word))).join(' ')
}

function hostSpec(name: string, { role, os, address, hostKey, nodeIP }: HostInput): string {
  const pairs = [
    ['name', name],
    ['role', role],
    ['os', os],
    ['address', address],
    ['hostKey', hostKey],
    ...[nodeIP ?? []].flat().map((ip) => ['nodeIP', ip]),
  ]
  return pairs.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`])).join(',')
}

function shortKey(key: string): string {
  try {
    return fingerprint(parseSshPublicKey(key))
  } catch {
    // an age recipient is its own fingerprint
    return key.length > 40 ? `${key.slice(0, 40)}…` : key
  }
}
