import { KeelError } from '../errors.ts'
import type { SecretName } from '../model/brands.ts'
import type { Cluster, Host, HostFile, Json, Manifest } from '../model/cluster.ts'
import { firewallOf } from './firewall.ts'
import { generatedYaml } from './generated-yaml.ts'
import { haVipMemberOf } from './ha-vip.ts'
import { haVipManifest } from './ha-vip-manifest.ts'
import type { Artifact, Foundation, HostState, WantedCredential, WantedFile, WantedLink } from './host-state.ts'
import { joinFile, joinOf } from './join.ts'
import { isSecretRef, k3sConfig, k3sConfigPath, k3sDataDirectory, k3sRegistrationPath, splitRegistration } from './k3s-config.ts'
import { nodeAgentOf } from './keel-agent.ts'
import { kubeVipManifest } from './kube-vip.ts'
import { vrrpMemberOf } from './vip.ts'

/** What a cluster's hosts share besides the inventory: pinned artifacts and the CA's certificate. */
export interface Surroundings {
  /** The k3s binary for an architecture. @throws KeelError where keel.lock.json lacks it */
  readonly k3sFor: (host: Host) => Artifact
  /** The cluster's server CA as PEM; absent for a cluster taken over from elsewhere. */
  readonly caCertificate?: string
  /** The server that a host without data joins through; none: the first server founds the cluster. */
  readonly joinThrough: (host: Host) => Host | undefined
  /** Whether the cluster's address, if it is to have one, stands somewhere before a host joins. */
  readonly vipStands?: boolean
}

const secretFlagsId = 'k3s-secret-flags'
const registriesId = 'k3s-registries'

/** Cluster → what one host must be. Pure. */
export function hostStateOf(cluster: Cluster, host: Host, surroundings: Surroundings): HostState {
  const { plain, secret } = k3sConfig(cluster, host)
  const registries = registriesOf(host)
  const config = registries.flag === undefined ? plain : { ...plain, 'private-registry': registries.flag }
  const { registration, rest } = splitRegistration(config)
  const through = surroundings.joinThrough(host)
  const join = joinFile(cluster, host, through, surroundings.vipStands)
  const firewall = firewallOf(cluster, host)
  const vip = vrrpMemberOf(cluster, host)
  const haVip = haVipMemberOf(cluster, host)
  const manifests = [...vipManifests(cluster, host), ...host.manifests]
  const keelAgent = nodeAgentOf(cluster, host)
  const foundation = through === undefined ? foundationOf(cluster, host, surroundings.caCertificate) : undefined
  return {
    host: host.name,
    os: host.os,
    role: host.role,
    arch: host.arch,
    // NixOS brings its own k3s
    artifacts: host.os === 'nixos' ? [] : [surroundings.k3sFor(host)],
    k3s: {
      role: host.role,
      credentialFiles: tokenFiles(cluster, host),
      ...(host.network.interface === undefined ? {} : { interface: host.network.interface }),
    },
    files: [
      generatedYaml(k3sConfigPath, rest),
      ...(Object.keys(registration).length === 0
        ? []
        : [{ ...generatedYaml(k3sRegistrationPath, registration), restartsK3s: false }]),
      ...(join === undefined ? [] : [join]),
      ...registries.files,
      ...host.files.map(userFile),
      ...manifests.map(({ name, content }) => ({
        ...generated(`${k3sDataDirectory}/server/manifests/${name}`, content, false),
      })),
    ],
    links: secretFlagLinks(Object.keys(secret).length > 0, host),
    credentials: [
      ...Object.values(tokenFiles(cluster, host)).map(secretCredential),
      ...(Object.keys(secret).length > 0 ? [{ id: secretFlagsId, content: { kind: 'yaml', value: secret } } as const] : []),
      ...registries.credentials,
    ],
    ...(foundation === undefined ? {} : { foundation }),
    declared: {
      version: cluster.version,
      config: plain,
      secretFlags: secret,
      join: joinOf(cluster, host, through, surroundings.vipStands),
      files: host.files,
      manifests,
      ...(host.registries === undefined ? {} : { registries: host.registries }),
      ...(host.nixos === undefined ? {} : { nixos: host.nixos }),
    },
    ...(firewall === undefined ? {} : { firewall }),
    ...(vip === undefined ? {} : { vip }),
    ...(haVip === undefined ? {} : { haVip }),
    ...(keelAgent === undefined ? {} : { keelAgent }),
  }
}

/** What Kubernetes itself needs for the cluster's address. */
function vipManifests(cluster: Cluster, { role }: Host): readonly Manifest[] {
  const { vip } = cluster
  if (vip === undefined || vip.manager === 'keepalived' || role !== 'server') return []
  return [vip.manager === 'kube-vip' ? kubeVipManifest(vip) : haVipManifest(cluster, vip)]
}

/** systemd's name of the service: k3s's own installer and the Flatcar extension use these two. */
export function k3sUnitName(role: HostState['role']): string {
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

function foundationOf(cluster: Cluster, host: Host, certificatePem: string | undefined): Foundation | undefined {
  const key = cluster.k3sSecrets.ca
  if (!host.firstServer || key === undefined) return undefined
  if (certificatePem === undefined) {
    throw new KeelError({
      code: 'ca-certificate-missing',
      at: 'secrets/server-ca.crt',
      found: `no certificate beside the CA key ${key}`,
      why: 'the first server gets both, and every join is pinned to the certificate',
      todo: 'a new inventory: run `keel rekey`, which makes CA and tokens; a living one: put the file back from git',
    })
  }
  return { certificatePem, key }
}

/** k3s reads config.yaml.d/*.yaml through links: the secret flags live in a credential and appear only inside the service. */
function secretFlagLinks(any: boolean, host: Host): readonly WantedLink[] {
  if (!any) return []
  return [{ path: `${k3sConfigPath}.d/90-keel-secrets.yaml`, target: credentialPath(host, secretFlagsId), restartsK3s: true }]
}

function credentialPath(host: Host, id: string): string {
  return `/run/credentials/${k3sUnitName(host.role)}/${id}`
}

function registriesOf(host: Host): { flag?: string; files: readonly WantedFile[]; credentials: readonly WantedCredential[] } {
  const { registries } = host
  if (registries === undefined) return { files: [], credentials: [] }
  if (!holdsSecret(registries)) return { files: [generatedYaml('/etc/rancher/k3s/registries.yaml', registries)], credentials: [] }
  return {
    flag: credentialPath(host, registriesId),
    files: [],
    credentials: [{ id: registriesId, content: { kind: 'yaml', value: registries } }],
  }
}

function holdsSecret(value: Json): boolean {
  if (isSecretRef(value)) return true
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsSecret)
}

function generated(path: string, content: string, restartsK3s: boolean): WantedFile {
  return { path, content, mode: '0600', owner: 'root', group: 'root', restartsK3s }
}

function userFile(file: HostFile): WantedFile {
  return { ...file, restartsK3s: false }
}
