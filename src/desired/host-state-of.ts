import { KeelError } from '../errors.ts'
import type { SecretName } from '../model/brands.ts'
import type { Cluster, Host, Json, Manifest } from '../model/cluster.ts'
import type { UnitName } from '../model/systems/unit-name.ts'
import { allParts } from '../parts/by-part.ts'
import type { ClusterState } from './cluster-state.ts'
import { accessOf } from './distribution/distribution.ts'
import { isSecretRef, k3sConfig } from './distribution/k3s/config.ts'
import { joinOf, otherWaysIn } from './distribution/k3s/join.ts'
import {
  type Artifact,
  type Foundation,
  type HostState,
  registriesId,
  secretFlagsId,
  type WantedCredential,
} from './host-state.ts'

/** What a cluster's hosts share besides the inventory: pinned artifacts and the CA's certificate. */
export interface Surroundings {
  /** The programs that keel pushes to a host: k3s, unless its system brings it. @throws KeelError where keel.lock.json lacks one */
  readonly programsFor: (host: Host) => readonly Artifact[]
  /** The cluster's server CA as PEM; absent for a cluster taken over from elsewhere. */
  readonly caCertificate?: string
  /** The server that a host without data joins through; none: the first server founds the cluster. */
  readonly joinThrough: (host: Host) => Host | undefined
  /** Whether the cluster's address, if it is to have one, stands somewhere before a host joins. */
  readonly vipStands?: boolean
}

/** Cluster → what one host must be. Pure. */
export function hostStateOf(state: ClusterState, host: Host, surroundings: Surroundings): HostState {
  const { cluster } = state
  const { plain, secret } = k3sConfig(cluster, host)
  const { registries } = host
  const through = surroundings.joinThrough(host)
  const join = joinOf(cluster, host, through, surroundings.vipStands)
  const foundation = through === undefined ? foundationOf(cluster, host, surroundings.caCertificate) : undefined
  return {
    host: host.name,
    role: host.role,
    arch: host.arch,
    node: {
      name: host.name,
      labels: host.labels,
      taints: host.taints,
      hasKubelet: host.k3s['disable-agent'] !== true,
    },
    distribution: { access: accessOf(cluster) },
    artifacts: surroundings.programsFor(host),
    k3s: {
      role: host.role,
      version: cluster.version,
      config: plain,
      join,
      otherWaysIn: otherWaysIn(state, host, join),
      ...(registries === undefined ? {} : { registries }),
      credentialFiles: tokenFiles(cluster, host),
      ...(host.network.interface === undefined ? {} : { interface: host.network.interface }),
    },
    files: host.files,
    manifests: [...manifestsOfParts(state, host), ...host.manifests],
    credentials: [
      ...Object.values(tokenFiles(cluster, host)).map(secretCredential),
      ...(Object.keys(secret).length > 0 ? [yamlCredential(secretFlagsId, secret)] : []),
      ...(registries !== undefined && holdsSecret(registries) ? [yamlCredential(registriesId, registries)] : []),
    ],
    ...(foundation === undefined ? {} : { foundation }),
    parts: state.partsOf(host),
  }
}

function manifestsOfParts(state: ClusterState, { role }: Host): readonly Manifest[] {
  return role === 'server' ? allParts.flatMap((part) => part.manifests?.(state) ?? []) : []
}

/** systemd's name of the service: k3s's own installer and the Flatcar extension use these two. */
export function k3sUnitName(role: HostState['role']): UnitName {
  return role === 'server' ? 'k3s.service' : 'k3s-agent.service'
}

/** An agent never gets the server's token; servers get both, as all must be given the same agent token (docs/k3s.md, Tokens). */
function tokenFiles(cluster: Cluster, host: Host): Readonly<Record<string, string>> {
  const { serverToken, agentToken } = cluster.k3sSecrets
  return host.role === 'server'
    ? { K3S_TOKEN_FILE: serverToken, K3S_AGENT_TOKEN_FILE: agentToken }
    : { K3S_TOKEN_FILE: agentToken }
}

function secretCredential(name: string): WantedCredential {
  return { id: name, content: { kind: 'secret', secret: name as SecretName } }
}

function yamlCredential(id: string, value: Json): WantedCredential {
  return { id, content: { kind: 'yaml', value } }
}

function foundationOf(cluster: Cluster, host: Host, certificatePem: string | undefined): Foundation | undefined {
  const key = cluster.k3sSecrets.ca
  if (!host.firstServer || key === undefined) return undefined
  if (certificatePem === undefined) {
    throw new KeelError({
      code: 'ca-certificate-missing',
      at: 'secrets/server-ca.crt',
      found: `no certificate beside the CA key ${key}`,
      why: 'the first server gets both, and every join is pinned to the certificate',
      todo: 'for a new inventory run `keel rekey` to create CA and tokens; for a running cluster restore the file from git',
    })
  }
  return { certificatePem, key }
}

function holdsSecret(value: Json): boolean {
  if (isSecretRef(value)) return true
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsSecret)
}
