import { clusterStateOf } from '../desired/cluster-state.ts'
import type { HostState } from '../desired/host-state.ts'
import { hostStateOf } from '../desired/host-state-of.ts'
import type { Surroundings } from '../desired/surroundings.ts'
import { KeelError } from '../errors.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import { BUNDLE_BESIDE_MODULE, bringsAgentProgram } from '../model/keel-agent/agent-program.ts'
import { sharedTexts, type TextOf } from '../parts/shared-text.ts'
import { generatedText, type Origin, originOf } from '../templates/generated-text.ts'
import { butaneText, ignitionText } from './flatcar/butane.ts'
import { loginOf } from './flatcar/login.ts'
import { renderFlatcar } from './flatcar/render.ts'
import { moduleText } from './nixos/render.ts'

/** A file that `keel render` keeps in a host's folder, for people to review and for a machine's first boot. */
export interface GeneratedFile {
  readonly name: string
  readonly text: string
  /** Who wrote a text that was found under this name. @param sibling the text found under another name beside it */
  readonly originOf: (found: string, sibling: (name: string) => string | undefined) => Origin
}

/** The same for one host after the other: what the hosts of a cluster share is made once. */
export function generatedFilesOf(
  cluster: Cluster,
  surroundings: Surroundings,
): (host: Host) => readonly GeneratedFile[] {
  const state = clusterStateOf(cluster, surroundings)
  const textOf = sharedTexts()
  return (host) => [
    ...generatedFiles(cluster, host, hostStateOf(state, host, surroundings), textOf),
    ...bundleFile(cluster, host, surroundings),
  ]
}

/** The keel-agent's bundle, which a NixOS host's module names beside itself. */
function bundleFile(cluster: Cluster, host: Host, { agentBundle }: Surroundings): readonly GeneratedFile[] {
  if (host.os !== 'nixos' || !bringsAgentProgram(cluster, host)) return []
  return [{ name: BUNDLE_BESIDE_MODULE, text: generatedText(agentBundle(), '//'), originOf }]
}

/**
 * The files in a host's folder that its state decides; none on systems that need no such file. Pure.
 * @throws KeelError for a host that nobody could log in to
 */
export function generatedFiles(
  cluster: Cluster,
  host: Host,
  state: HostState,
  textOf?: TextOf,
): readonly GeneratedFile[] {
  if (host.os === 'nixos') return [{ name: 'k3s.nix', text: moduleText(state), originOf }]
  if (host.os !== 'flatcar') return []
  const butane = butaneText(renderFlatcar(state, textOf), loginOf(cluster, host))
  return [
    { name: 'butane.yaml', text: butane, originOf },
    { name: 'config.ign', text: ignitionText(butane), originOf: originOfIgnition },
  ]
}

/** JSON has no comments to hold a digest: it is keel's if it is what the Butane file beside it becomes. */
function originOfIgnition(found: string, sibling: (name: string) => string | undefined): Origin {
  const butane = sibling('butane.yaml')
  if (butane === undefined || originOf(butane) === 'foreign') return 'foreign'
  return isIgnitionOf(butane, found) ? 'generated' : 'edited'
}

/** An edited Butane file may be invalid. */
function isIgnitionOf(butane: string, found: string): boolean {
  try {
    return ignitionText(butane) === found
  } catch (error) {
    if (error instanceof KeelError) return false
    throw error
  }
}
