import type { Pins } from '../artifacts/pins.ts'
import { FaultsError, KeelError } from '../errors.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import { manifestUrls } from '../model/kubeadm/manifest-source.ts'
import type { Sources } from '../plan/host/plan-host.ts'
import type { WantedHost } from '../plan/host/wanted-host.ts'
import { rendererOf } from '../targets/render.ts'
import type { Rendered } from '../targets/rendered.ts'
import { sourcesOf } from './look-around.ts'
import { readSourceTree } from './nixos/source-tree.ts'
import { surroundingsOf } from './surroundings.ts'
import type { SecretSources } from './tokens/credential-sources.ts'

export interface WantedRequest {
  readonly cluster: Cluster
  readonly hosts: readonly Host[]
  readonly secrets: SecretSources
  readonly pins: Pins
  /** The texts of manifests by URL (`pinnedManifests`). */
  readonly manifests: () => Promise<ReadonlyMap<string, string>>
  /** The inventory's folder: NixOS systems are built from what is there. */
  readonly directory: string
  /** Told once, if keel.lock.json lacks something or keel can't get it: then nothing is compared. */
  readonly onUnpinned: (error: KeelError) => void
}

const UNPINNED: ReadonlySet<string> = new Set(['not-pinned', 'manifest-fetch', 'artifact-hash'])

/** What hosts are compared with while nobody is about to change them. Asks no host, and reads no secret. */
export async function wantedHosts(request: WantedRequest): Promise<readonly WantedHost[]> {
  const { cluster, hosts, secrets, pins, onUnpinned } = request
  const certificates = {
    ca: await secrets.caCertificate(),
    agentCa: await agentCaIfThere(secrets),
    kubeadm: await secrets.kubeadmCertificates(),
  }
  const all = (render: (host: Host) => Rendered) => hosts.map((host) => ({ host, rendered: render(host) }))
  try {
    const surroundings = surroundingsOf(cluster, pins, certificates, await request.manifests())
    const wanted = all(rendererOf(cluster, surroundings))
    return await Promise.all(
      wanted.map(async ({ host, rendered }) => {
        const sources = await sourcesIfThere(host, rendered, request)
        return { host, rendered, ...(sources === undefined ? {} : { sources }) }
      }),
    )
  } catch (error) {
    if (!(error instanceof KeelError && UNPINNED.has(error.code))) throw error
    onUnpinned(error)
    const nothing = new Map(manifestUrls(cluster.distribution).map((url) => [url, '']))
    const surroundings = surroundingsOf(cluster, pins, certificates, nothing)
    return all(rendererOf(cluster, { ...surroundings, programsFor: () => [], agentProgramsFor: () => [] }))
  }
}

/** `keel plan` tells what is wrong with it. */
async function agentCaIfThere(secrets: SecretSources): Promise<string | undefined> {
  try {
    return await secrets.agentCaCertificate()
  } catch (error) {
    if (error instanceof KeelError) return undefined
    throw error
  }
}

async function sourcesIfThere(
  host: Host,
  rendered: Rendered,
  { directory, cluster, secrets }: WantedRequest,
): Promise<Sources | undefined> {
  try {
    const trees =
      rendered.kind === 'files'
        ? []
        : [[host.name, await readSourceTree(directory, cluster, host, rendered.secrets)] as const]
    return await sourcesOf(rendered, { secrets, trees: new Map(trees) })
  } catch (error) {
    if (error instanceof KeelError || error instanceof FaultsError) return undefined
    throw error
  }
}
