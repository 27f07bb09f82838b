import { questionsFor } from '../../fleet/survey.ts'
import type { Cluster } from '../../model/cluster.ts'
import { sha256 } from '../../model/digest.ts'
import type { Access } from '../../model/distribution/access.ts'
import type { WantedHost } from '../../plan/host/wanted-host.ts'
import { LARGE_BYTES } from '../../probes/host/path-states.ts'
import type { LookQuestion } from '../../probes/status/host-look.ts'
import type { Rendered } from '../../targets/rendered.ts'

/** What a look at a host asks. Of a server more. */
export function questionOf({ host, rendered }: WantedHost, { vip }: Cluster, { etcd }: Access): LookQuestion {
  const { foreign: _, ...questions } = questionsFor(rendered)
  return {
    questions: { ...questions, quick: { contents: contentsOf(rendered) } },
    ...(host.role === 'server' ? { etcd } : {}),
    ...(host.role === 'server' && vip !== undefined ? { address: vip.address } : {}),
  }
}

/** What is wanted of each file that may be large, by path. A character has four bytes at most. */
function contentsOf(rendered: Rendered): Readonly<Record<string, string>> {
  if (rendered.kind === 'system') return {}
  const { artifacts, extensions, files } = rendered
  return Object.fromEntries(
    [
      ...artifacts,
      ...extensions.map(({ program }) => program),
      ...files
        .filter(({ content }) => content.length > LARGE_BYTES / 4)
        .map(({ path, content }) => ({ path, sha256: sha256(content) })),
    ].map(({ path, sha256 }) => [path, sha256]),
  )
}
