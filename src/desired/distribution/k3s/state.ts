import { KeelError } from '../../../errors.ts'
import type { SecretName } from '../../../model/brands.ts'
import type { Cluster, Host, Json } from '../../../model/cluster.ts'
import type { OnceStep } from '../../../model/distribution/once-step.ts'
import type { Service } from '../../../model/distribution/service.ts'
import { k3sPaths } from '../../../model/k3s/paths.ts'
import { isSecretRef } from '../../../model/secret-ref.ts'
import { vkubeletCa, vkubeletCredential, vkubeletPaths } from '../../../model/systemd-kubelet/paths.ts'
import type { UnitName } from '../../../model/systems/unit-name.ts'
import type { ClusterState } from '../../cluster-state.ts'
import type { DistributionState, WantedCredential } from '../../host-state.ts'
import type { Surroundings } from '../../surroundings.ts'
import { nodeAlone, vkubeletService } from '../vkubelet/state.ts'
import { vkubeletCredentials, vkubeletNodeOf } from '../vkubelet/vkubelet-node.ts'
import { k3sAccess, k3sPast, k3sPlaces } from './access.ts'
import { k3sConfig, k3sRegistrationPath } from './config.ts'
import { joinOf, otherWaysIn } from './join.ts'
import { k3sOf } from './k3s-of.ts'
import { k3sUnitName } from './unit-name.ts'
import { k3sVkubelet } from './vkubelet-api.ts'

/** Credentials that are made of several secrets. */
export const secretFlagsId = 'k3s-secret-flags'
export const registriesId = 'k3s-registries'

/** What k3s is on one host. One unit founds, joins and runs it. */
export function k3sState(state: ClusterState, host: Host, surroundings: Surroundings): DistributionState {
  const { cluster } = state
  const { registries } = host
  if (host.systemdKubelet !== undefined && host.role === 'agent') {
    const { agentToken } = k3sOf(cluster).secrets
    return nodeAlone(cluster, host, {
      access: k3sAccess,
      past: k3sPast,
      places: k3sPlaces,
      credentials: [secretCredential(agentToken, vkubeletPaths.unit)],
      joining: k3sVkubelet(cluster, host),
    })
  }
  const { plain, secret } = k3sConfig(cluster, host)
  const through = surroundings.joinThrough(host)
  const join = joinOf(cluster, host, through, surroundings.vipStands)
  const tokens = tokenFiles(cluster, host)
  const artifacts = surroundings.programsFor(host)
  const unit = k3sUnitName(host.role)
  const vkubelet = vkubeletNodeOf(cluster, host, k3sVkubelet(cluster, host))
  const k3s: Service = {
    unit,
    healthy: [
      ...(host.role === 'server' ? (['api'] as const) : []),
      ...(host.k3s['disable-agent'] === true ? [] : (['node'] as const)),
    ],
    programs: artifacts.map(({ name }) => name),
    startFolder: { path: k3sPaths.roots.configuration, except: [k3sRegistrationPath] },
  }
  return {
    artifacts,
    // it waits for the API itself, and the Node is looked for once that is there
    services: vkubelet === undefined ? [k3s] : [vkubeletService([]), k3s],
    credentials: [
      ...Object.values(tokens).map((name) => secretCredential(name, unit)),
      ...(Object.keys(secret).length > 0 ? [yamlCredential(secretFlagsId, secret, unit)] : []),
      ...(registries !== undefined && holdsSecret(registries) ? [yamlCredential(registriesId, registries, unit)] : []),
      ...vkubeletCredentials(host),
    ],
    once: through === undefined ? founding(cluster, host, surroundings.caCertificate) : [],
    access: vkubelet === undefined ? k3sAccess : { ...k3sAccess, kubelet: vkubeletCredential('k3s') },
    past:
      vkubelet === undefined
        ? k3sPast
        : { ...k3sPast, agent: vkubeletPaths.client.certificate, agentCa: vkubeletCa.k3s },
    places: k3sPlaces,
    ports: portsOf(cluster, host),
    ...(vkubelet === undefined ? {} : { vkubelet }),
    own: {
      kind: 'k3s',
      role: host.role,
      version: k3sOf(cluster).version,
      config: plain,
      join,
      otherWaysIn: otherWaysIn(state, host, join),
      ...(registries === undefined ? {} : { registries }),
      credentialFiles: tokens,
      ...(host.network.interface === undefined ? {} : { interface: host.network.interface }),
    },
  }
}

/**
 * Without an etcd of the cluster's own a server leaves that one's ports to others. Source:
 * docs.k3s.io/installation/requirements
 */
function portsOf(cluster: Cluster, { role }: Host): readonly string[] {
  const { datastore } = k3sOf(cluster)
  return [
    ...['tcp:10250', 'udp:8472'],
    ...(role === 'server' ? ['tcp:6443'] : []),
    ...(role === 'server' && datastore === 'etcd' ? ['tcp:2379', 'tcp:2380'] : []),
  ]
}

/**
 * An agent never gets the server's token; servers get both, as all must be given the same agent token (docs/k3s.md,
 * Tokens).
 */
function tokenFiles(cluster: Cluster, host: Host): Readonly<Record<string, string>> {
  const { serverToken, agentToken } = k3sOf(cluster).secrets
  return host.role === 'server'
    ? { K3S_TOKEN_FILE: serverToken, K3S_AGENT_TOKEN_FILE: agentToken }
    : { K3S_TOKEN_FILE: agentToken }
}

function secretCredential(name: string, readAtStartBy: UnitName): WantedCredential {
  return { id: name, content: { kind: 'secret', secret: name as SecretName }, readAtStartBy }
}

function yamlCredential(id: string, value: Json, readAtStartBy: UnitName): WantedCredential {
  return { id, content: { kind: 'yaml', value }, readAtStartBy }
}

/** k3s takes a CA that it finds at its first start (docs/k3s.md, The CA); all other servers get it as they join. */
function founding(cluster: Cluster, host: Host, certificatePem: string | undefined): readonly OnceStep[] {
  const key = k3sOf(cluster).secrets.ca
  if (!host.firstServer || key === undefined) return []
  if (certificatePem === undefined) {
    throw new KeelError({
      code: 'ca-certificate-missing',
      at: 'secrets/server-ca.crt',
      found: `no certificate beside the CA key ${key}`,
      why: 'the first server gets both, and every join is pinned to the certificate',
      todo: 'for a new inventory run `keel rekey` to create CA and tokens; for a running cluster restore the file from git',
    })
  }
  return [{ kind: 'place-ca', certificatePem, key, certificatePath: k3sPaths.serverCa, keyPath: k3sPaths.serverCaKey }]
}

function holdsSecret(value: Json): boolean {
  if (isSecretRef(value)) return true
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsSecret)
}
