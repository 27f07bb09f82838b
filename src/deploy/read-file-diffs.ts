import { setImmediate } from 'node:timers/promises'
import type { WantedFile } from '../desired/host-state.ts'
import { KeelError } from '../errors.ts'
import { inParallel } from '../fleet/in-parallel.ts'
import type { HostName } from '../model/brands.ts'
import type { StyledText } from '../model/text/styled-text.ts'
import type { FileDiffs } from '../plan/describe-plan.ts'
import { fileDiff } from '../plan/diff/file-diff.ts'
import { operationsOf } from '../plan/operation.ts'
import type { HostPlan } from '../plan/plan.ts'
import { fileContents, type HeldContent } from '../probes/host/file-contents.ts'
import type { Transport } from '../ssh/transport.ts'
import type { Planned } from './plan-cluster.ts'

/** Files of one host. More of them are a new configuration, which nobody reads as a diff. */
const MOST_FILES = 30

interface Differing {
  readonly host: HostName
  readonly transport: Transport
  readonly files: readonly WantedFile[]
}

/**
 * Asks for the files whose content differs, over the connections of a plan: one more command on each host that has such
 * a file, none on the others. The plan is complete without it, so a host that does not answer now is no fault.
 */
export async function readFileDiffs(planned: Planned, signal: AbortSignal): Promise<FileDiffs> {
  const hosts = planned.plan.hosts.flatMap((hostPlan) => differing(hostPlan, planned))
  return new Map(
    await inParallel(20, hosts, async (one) => {
      const held = await contentsOf(one, signal)
      const diffs = new Map<string, StyledText>()
      for (const { path, content } of one.files) {
        // to compare two files takes a while, in which no signal arrives
        await setImmediate()
        signal.throwIfAborted()
        diffs.set(path, fileDiff(path, held[path] ?? { kind: 'unread' }, content))
      }
      return [one.host, diffs] as const
    }),
  )
}

function differing({ host, operations }: HostPlan, { hosts }: Planned): readonly Differing[] {
  const asked = hosts.get(host)
  if (asked === undefined || asked.seen.rendered.kind !== 'files') return []
  const changed = operationsOf(operations, 'write-file').flatMap(({ path, why }) => (why === 'content' ? [path] : []))
  const files = asked.seen.rendered.files.filter(({ path }) => changed.includes(path)).slice(0, MOST_FILES)
  return files.length === 0 ? [] : [{ host, transport: asked.transport, files }]
}

async function contentsOf(
  { transport, files }: Differing,
  signal: AbortSignal,
): Promise<Readonly<Record<string, HeldContent>>> {
  try {
    const script = fileContents.script(files.map(({ path }) => path))
    const { exitCode, stdout } = await transport.run(script, { name: 'file-contents', signal })
    return exitCode === 0 ? fileContents.parse(stdout) : {}
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof KeelError) return {}
    throw error
  }
}
