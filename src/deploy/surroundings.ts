import { type Pins, pinnedArtifact } from '../artifacts/pins.ts'
import type { Surroundings } from '../desired/surroundings.ts'
import type { Cluster } from '../model/cluster.ts'
import { founderFor } from '../plan/view/joining.ts'

/**
 * What an inventory's hosts are rendered with while nothing is known of the machines: everybody joins through the first
 * server, which founds.
 */
export function surroundingsOf(cluster: Cluster, pins: Pins, ca: { readonly pem: string } | undefined): Surroundings {
  return {
    // NixOS brings its own k3s
    programsFor: ({ os, arch }) => (os === 'nixos' ? [] : [pinnedArtifact(pins, 'k3s', cluster.version, arch)]),
    joinThrough: (host) => founderFor(cluster, host),
    ...(ca === undefined ? {} : { caCertificate: ca.pem }),
  }
}
