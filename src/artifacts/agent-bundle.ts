import { carriedText } from '../carried.ts'
import type { Artifact } from '../desired/host-state.ts'
import { KeelError } from '../errors.ts'
import type { Arch } from '../model/cluster.ts'
import { sha256 } from '../model/digest.ts'
import { AGENT_ARTIFACT } from '../model/keel-agent/agent-program.ts'
import { agentImage } from '../sysext/agent-images.ts'
import { version } from '../version.ts'

/** `npm run build` makes it. */
const FILE = 'dist/keel-agent.js'

/** In the place of a URL: a file that keel carries. */
export const CARRIED = `keel:${FILE}`

let read: Uint8Array | undefined

/**
 * The keel-agent's bundle, which this keel carries. It is not in the lock file: its hash belongs to this keel.
 * @throws KeelError as `agentBundleBytes`
 */
export function agentBundle(arch: Arch): Artifact {
  const bytes = agentBundleBytes()
  const common = { name: AGENT_ARTIFACT, version, arch, isModule: true } as const
  const sysext = sha256(Buffer.concat(agentImage(bytes, arch).filter((piece) => piece instanceof Uint8Array)))
  return { ...common, url: CARRIED, sha256: sha256(bytes), sysext }
}

/** @throws KeelError `agent-bundle` for a keel that was not built */
export function agentBundleBytes(): Uint8Array {
  read ??= carriedBytes()
  return read
}

function carriedBytes(): Uint8Array {
  try {
    return Buffer.from(carriedText(FILE))
  } catch (cause) {
    throw new KeelError({
      code: 'agent-bundle',
      at: FILE,
      found: 'this keel does not contain the program of the keel-agent',
      why: 'keel runs from its sources, and was not built',
      todo: 'run `npm run build` in the folder of keel',
      cause,
    })
  }
}
