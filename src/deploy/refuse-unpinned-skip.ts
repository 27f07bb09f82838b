import type { Pins } from '../artifacts/pins.ts'
import { ExitCode, FaultsError } from '../errors.ts'
import type { Connect } from '../fleet/connect.ts'
import { Fleet } from '../fleet/fleet.ts'
import { questionsFor } from '../fleet/survey.ts'
import type { Sha256 } from '../model/brands.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import { NODE_ARTIFACT, nodeVersion } from '../model/keel-agent/agent-program.ts'
import { asRunning } from '../plan/host/running-version.ts'
import { versionRefusals } from '../plan/refusals/version-refusals.ts'
import { rendererOf } from '../targets/render.ts'
import { type Certificates, surroundingsOf } from './surroundings.ts'

interface Unpinned {
  readonly cluster: Cluster
  readonly selected: readonly Host[]
  readonly pins: Pins
  readonly connect: Connect
  readonly signal?: AbortSignal
}

/**
 * A version that no host may be brought to is refused before anything of it is pinned, and so before anything is
 * downloaded. Asks the hosts only where the version is not pinned yet; one that does not answer is left to the plan
 * that follows a `keel pin`.
 * @throws FaultsError `version-skips`, `version-downgrade` (exit 1)
 */
export async function refuseUnpinnedSkip(
  { cluster, selected, pins, connect, signal }: Unpinned,
  certificates: Certificates,
): Promise<void> {
  // an image is built before it is pinned, by the user
  if (cluster.distribution.kind !== 'k3s') return
  const pinned = pins.artifacts.k3s?.[cluster.distribution.version]
  const unpinned = selected.filter(({ os, arch }) => os !== 'nixos' && pinned?.[arch] === undefined)
  if (unpinned.length === 0) return
  const render = rendererOf(
    cluster,
    surroundingsOf(cluster, withAnything(pins, cluster.distribution.version), certificates),
  )
  const questions = (host: Host) => questionsFor(render(host))
  const fleet = new Fleet({ questions, connect, ...(signal === undefined ? {} : { signal }) })
  try {
    const { seen } = await fleet.ask(unpinned)
    const faults = versionRefusals(cluster, seen.map(asRunning), [], [])
    if (faults.length > 0) throw new FaultsError(faults, ExitCode.Failed)
  } finally {
    await fleet.close()
  }
}

/** For questions only: which file a host would get decides nothing of what it answers about its own version. */
function withAnything(pins: Pins, version: string): Pins {
  const none = { url: 'file:///none', sha256: '0'.repeat(64) as Sha256, sysext: '0'.repeat(64) as Sha256 }
  return {
    ...pins,
    artifacts: {
      ...pins.artifacts,
      k3s: { ...pins.artifacts.k3s, [version]: { amd64: none, arm64: none } },
      [NODE_ARTIFACT]: { [nodeVersion]: { amd64: none, arm64: none } },
    },
  }
}
