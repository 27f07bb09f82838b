import * as z from 'zod'
import { parseCidr, parseNodeIp } from '../addresses/ip.ts'
import { parseSshAddress, parseSshUser } from '../addresses/ssh-address.ts'
import { ARCHS, GENERATED, OSES, ROLES } from '../cluster.ts'
import { DISTRIBUTIONS } from '../distribution/distribution.ts'
import {
  parseFileMode,
  parseFileOwner,
  parseHostFilePath,
  parseManifestName,
  parseText,
} from '../host-paths/host-file-path.ts'
import { registriesSchema } from '../k3s/registries.ts'
import { keelAgentPort, logLevel } from '../keel-agent/agent-config.ts'
import { parseVisiblePath } from '../keel-agent/keel-agent-path.ts'
import { parseRecipient } from '../keys/recipient.ts'
import { parseSshPublicKey } from '../keys/ssh-key.ts'
import { MOST_MANIFEST_SOURCES, parseManifestSource } from '../kubeadm/manifest-source.ts'
import { parseImage } from '../kubernetes/image.ts'
import { parseLabelKey, parseLabelValue, parseTaint, taintIdentity } from '../kubernetes/labels.ts'
import {
  parseAdminName,
  parseClusterName,
  parseDomain,
  parseHostName,
  parseInterfaceName,
  parseSecretName,
  parseTag,
} from '../names.ts'
import type { SecretRefInput } from '../secret-ref.ts'
import { systemdKubeletSchema } from '../systemd-kubelet/settings-schema.ts'
import { parseImagesUrl, parseKeyFile } from '../systems/image-source.ts'
import { parseBuild, parseConfiguration, parseFlake } from '../systems/nixos-system.ts'
import { once, oneOrMany, parsed, strict } from './parsed.ts'

/** What a user may write, file by file. src/inventory/ checks what needs two files. docs/inventory.md documents it. */

const os = z.enum(OSES)
const arch = z.enum(ARCHS)
const labels = z.record(parsed(parseLabelKey), parsed(parseLabelValue))
const taints = once(z.array(parsed(parseTaint)), taintIdentity, 'a Node has one taint of a key and an effect')
const tags = once(z.array(parsed(parseTag)), (tag) => tag, 'a host has a tag once')
const network = strict({ interface: parsed(parseInterfaceName).optional() })

const firewall = z.union([z.boolean(), strict({ api: oneOrMany(parsed(parseCidr)).optional() })])

const nixos = strict({
  flake: parsed(parseFlake).optional(),
  configuration: parsed(parseConfiguration).optional(),
  build: parsed(parseBuild).optional(),
})

/** Checked against the flags of k3s later, when role and version are known (k3s-flags.ts). */
const k3s = z.record(z.string(), z.custom<string | number | boolean | SecretRefInput | readonly string[]>())

const text = parsed(parseText)
const files = z.record(
  parsed(parseHostFilePath),
  z.union([
    text.transform((content) => ({ content })),
    strict({
      content: text,
      mode: parsed(parseFileMode).optional(),
      owner: parsed(parseFileOwner).optional(),
      group: parsed(parseFileOwner).optional(),
    }),
  ]),
)
const manifests = z.record(parsed(parseManifestName), text)

const cniManifests = once(
  z.array(parsed(parseManifestSource)).min(1).max(MOST_MANIFEST_SOURCES),
  (source) => source,
  'keel applies each of them once, in their order',
)

export const hostSchema = strict({
  os: os.optional(),
  role: z.enum(ROLES),
  arch: arch.optional(),
  address: parsed(parseSshAddress),
  hostKey: parsed(parseSshPublicKey).optional(),
  nodeIP: oneOrMany(parsed(parseNodeIp)).optional(),
  labels: labels.optional(),
  taints: taints.optional(),
  tags: tags.optional(),
  network: network.optional(),
  k3s: k3s.optional(),
  firewall: firewall.optional(),
  kubelet: z.enum(['systemd']).optional(),
  systemdKubelet: systemdKubeletSchema.optional(),
  keelAgent: z.literal(false).optional(),
  sysupdate: z.literal(false).optional(),
  nixos: nixos.optional(),
  files: files.optional(),
  manifests: manifests.optional(),
  registries: registriesSchema.optional(),
})

export const clusterSchema = strict({
  name: parsed(parseClusterName).optional(),
  distribution: z.enum(DISTRIBUTIONS).optional(),
  /** Its form depends on the distribution (check-distribution.ts). */
  version: z.string().optional(),
  datastore: z.enum(['etcd', 'sqlite']).optional(),
  firstServer: parsed(parseHostName).optional(),
  networks: strict({
    cluster: oneOrMany(parsed(parseCidr)).optional(),
    service: oneOrMany(parsed(parseCidr)).optional(),
    domain: parsed(parseDomain).optional(),
  }).optional(),
  vip: strict({
    address: parsed(parseNodeIp),
    interface: parsed(parseInterfaceName).optional(),
    manager: z.enum(['keepalived', 'kube-vip', 'ha-vip']).optional(),
    image: parsed(parseImage).optional(),
  }).optional(),
  keelAgent: z
    .union([
      z.boolean(),
      strict({
        tokenFile: parsed(parseVisiblePath).optional(),
        rbac: z.enum(['split', 'one-role']).optional(),
        program: parsed(parseVisiblePath).optional(),
        port: keelAgentPort.optional(),
        logLevel: logLevel.optional(),
      }),
    ])
    .optional(),
  sysupdate: strict({
    url: parsed(parseImagesUrl),
    key: parsed(parseKeyFile),
    timer: z.boolean().optional(),
  }).optional(),
  systemdKubelet: systemdKubeletSchema.optional(),
  k3s: k3s.optional(),
  cni: z.union([z.enum(['flannel', 'none']), strict({ manifests: cniManifests })]).optional(),
  containerd: z.literal('managed').optional(),
  firewall: firewall.optional(),
  files: files.optional(),
  manifests: manifests.optional(),
  registries: registriesSchema.optional(),
  defaults: strict({
    os: os.optional(),
    arch: arch.optional(),
    user: parsed(parseSshUser).optional(),
    port: z.int().min(1).max(65_535).optional(),
    labels: labels.optional(),
    taints: taints.optional(),
    tags: tags.optional(),
    network: network.optional(),
  }).optional(),
})

export const secretsSchema = strict({
  admins: z.record(parsed(parseAdminName), parsed(parseRecipient)),
  secrets: z.record(
    parsed(parseSecretName),
    strict({
      readers: z.array(z.string()).min(1),
      generate: z.enum(GENERATED).optional(),
      armor: z.boolean().optional(),
    }),
  ),
})

export type HostInput = z.input<typeof hostSchema>
export type ClusterInput = z.input<typeof clusterSchema>
export type SecretsInput = z.input<typeof secretsSchema>
export type { SecretRefInput }

export type ParsedHost = z.output<typeof hostSchema>
export type ParsedCluster = z.output<typeof clusterSchema>
export type ParsedSecrets = z.output<typeof secretsSchema>
