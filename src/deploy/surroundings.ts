import { agentBundle, agentBundleBytes } from '../artifacts/agent-bundle.ts'
import { type Pins, pinnedArtifact } from '../artifacts/pins.ts'
import type { Surroundings } from '../desired/surroundings.ts'
import type { Cluster } from '../model/cluster.ts'
import { NODE_ARTIFACT, nodeVersion } from '../model/keel-agent/agent-program.ts'
import { founderFor } from '../plan/view/joining.ts'
import type { SecretSources } from './tokens/credential-sources.ts'

/** The public certificates of an inventory's CAs. */
export interface Certificates {
  readonly ca: Awaited<ReturnType<SecretSources['caCertificate']>>
  /** Of the keel-agents, in PEM. */
  readonly agentCa: string | undefined
}

/** @throws KeelError `server-ca`, `agent-ca`, `agent-ca-missing` (exit 2) */
export async function certificatesOf(
  secrets: Pick<SecretSources, 'caCertificate' | 'agentCaCertificate'>,
): Promise<Certificates> {
  return { ca: await secrets.caCertificate(), agentCa: await secrets.agentCaCertificate() }
}

/**
 * What an inventory's hosts are rendered with while nothing is known of the machines: everybody joins through the first
 * server, which founds.
 */
export function surroundingsOf(cluster: Cluster, pins: Pins, { ca, agentCa }: Certificates): Surroundings {
  return {
    // NixOS brings its own k3s
    programsFor: ({ os, arch }) =>
      os === 'nixos' ? [] : [pinnedArtifact(pins, 'k3s', cluster.distribution.version, arch)],
    agentProgramsFor: ({ arch }) => [pinnedArtifact(pins, NODE_ARTIFACT, nodeVersion, arch), agentBundle(arch)],
    agentBundle: () => Buffer.from(agentBundleBytes()).toString(),
    joinThrough: (host) => founderFor(cluster, host),
    ...(ca === undefined ? {} : { caCertificate: ca.pem }),
    ...(agentCa === undefined ? {} : { agentCa }),
  }
}
