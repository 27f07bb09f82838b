import { agentBundle, agentBundleBytes } from '../artifacts/agent-bundle.ts'
import { type Pins, pinnedArtifact, pinnedImage } from '../artifacts/pins.ts'
import type { Artifact } from '../desired/host-state.ts'
import type { Surroundings } from '../desired/surroundings.ts'
import type { Arch, Cluster, Os } from '../model/cluster.ts'
import { NODE_ARTIFACT, nodeVersion } from '../model/keel-agent/agent-program.ts'
import { founderFor } from '../plan/view/joining.ts'
import type { SecretSources } from './tokens/credential-sources.ts'

/** The public certificates of an inventory's CAs. */
export interface Certificates {
  readonly ca: Awaited<ReturnType<SecretSources['caCertificate']>>
  /** Of the keel-agents, in PEM. */
  readonly agentCa: string | undefined
  /** Of kubeadm's CAs in PEM, by file. */
  readonly kubeadm: ReadonlyMap<string, string>
}

/** @throws KeelError `server-ca`, `agent-ca`, `agent-ca-missing` (exit 2) */
export async function certificatesOf(
  secrets: Pick<SecretSources, 'caCertificate' | 'agentCaCertificate' | 'kubeadmCertificates'>,
): Promise<Certificates> {
  return {
    ca: await secrets.caCertificate(),
    agentCa: await secrets.agentCaCertificate(),
    kubeadm: await secrets.kubeadmCertificates(),
  }
}

/**
 * What an inventory's hosts are rendered with while nothing is known of the machines: everybody joins through the first
 * server, which founds.
 */
export function surroundingsOf(
  cluster: Cluster,
  pins: Pins,
  { ca, agentCa, kubeadm }: Certificates,
  manifests: ReadonlyMap<string, string> = new Map(),
): Surroundings {
  return {
    manifests,
    programsFor: ({ os, arch }) => programsOf(cluster, pins, os, arch),
    agentProgramsFor: ({ arch }) => [pinnedArtifact(pins, NODE_ARTIFACT, nodeVersion, arch), agentBundle(arch)],
    agentBundle: () => Buffer.from(agentBundleBytes()).toString(),
    joinThrough: (host) => founderFor(cluster, host),
    certificates: kubeadm,
    ...(ca === undefined ? {} : { caCertificate: ca.pem }),
    ...(agentCa === undefined ? {} : { agentCa }),
  }
}

function programsOf({ distribution }: Cluster, pins: Pins, os: Os, arch: Arch): readonly Artifact[] {
  // NixOS brings its own k3s
  if (os === 'nixos') return []
  const { kind, version } = distribution
  return [kind === 'k3s' ? pinnedArtifact(pins, 'k3s', version, arch) : pinnedImage(pins, 'kubernetes', version, arch)]
}
