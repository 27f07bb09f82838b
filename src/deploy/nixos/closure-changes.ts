import { KeelError } from '../../errors.ts'
import { closureDiff, type StorePath } from '../../plan/host/closure-diff.ts'
import { hasOperation } from '../../plan/operation.ts'
import type { HostPlan, Plan } from '../../plan/plan.ts'
import type { Transport } from '../../ssh/transport.ts'
import type { Planned } from '../plan-cluster.ts'
import { type LocalRebuild, type RebuildPlace, type Run, withBuilt } from './local-rebuild.ts'

/** For the evaluation, the build and the questions of one host; what was built by then is not built again. */
const HOST_MS = 10 * 60_000

/**
 * The plan with what changes in the closures of NixOS hosts that are not built on themselves. keel builds them one
 * after the other, because an evaluation of NixOS takes gigabytes. If a build fails, the plan shows the reason instead,
 * and does not fail.
 * @param note is told of each build, which may take a while
 */
export async function withClosures(planned: Planned, place: RebuildPlace, note: (text: string) => void): Promise<Plan> {
  const done: HostPlan[] = []
  for (const hostPlan of planned.plan.hosts) {
    const known = planned.hosts.get(hostPlan.host)
    if (known === undefined || !isBuiltForPlan(hostPlan, planned)) {
      done.push(hostPlan)
      continue
    }
    note(`${hostPlan.host}: building its system to show what changes (skip this with \`--no-closure\`)`)
    const closure = await closureOf({ ...place, host: known.seen.host }, known.transport)
    const operations = hostPlan.operations.map((one) => (one.op === 'switch-system' ? { ...one, closure } : one))
    done.push({ ...hostPlan, operations })
  }
  return { ...planned.plan, hosts: done }
}

/** Whether there is a closure to show. */
export function hasClosures(planned: Planned): boolean {
  return planned.plan.hosts.some((hostPlan) => isBuiltForPlan(hostPlan, planned))
}

function isBuiltForPlan({ host, operations }: HostPlan, { hosts }: Planned): boolean {
  return hasOperation(operations, 'switch-system') && hosts.get(host)?.seen.host.nixos?.build.on !== 'target'
}

async function closureOf(rebuild: LocalRebuild, transport: Transport): Promise<readonly string[]> {
  const inTime = AbortSignal.timeout(HOST_MS)
  const signal = AbortSignal.any([rebuild.signal, inTime])
  try {
    const before = await running(transport, signal)
    return closureDiff(before, await withBuilt({ ...rebuild, signal }, closureHere))
  } catch (error) {
    rebuild.signal.throwIfAborted()
    if (inTime.aborted) return notKnown(`it was not built within ${HOST_MS / 60_000} minutes`)
    if (error instanceof KeelError) return notKnown(error.found)
    throw error
  }
}

function notKnown(why: string): readonly string[] {
  return [`closure: not known, as ${why}`]
}

async function closureHere(system: string, run: Run): Promise<readonly StorePath[]> {
  const paths = await run('nix-store', ['--query', '--requisites', system])
  const sizes = await run('nix-store', ['--query', '--size', ...lines(paths)])
  return together(lines(paths), lines(sizes))
}

async function running(transport: Transport, signal: AbortSignal): Promise<readonly StorePath[]> {
  const script = `set -eu
paths=$(nix-store --query --requisites "$(readlink -f /run/current-system)")
printf '%s\\n' "$paths"
nix-store --query --size $paths`
  const { exitCode, stdout, stderr } = await transport.run(script, { name: 'closure', signal })
  if (exitCode !== 0) {
    const found = `the host did not tell which system it runs: ${stderr.trim().split('\n').at(-1)}`
    throw new KeelError({ code: 'closure-unknown', at: transport.target.name, found })
  }
  const all = lines(stdout)
  return together(all.slice(0, all.length / 2), all.slice(all.length / 2))
}

function together(paths: readonly string[], sizes: readonly string[]): readonly StorePath[] {
  return paths.map((path, index) => ({ path, bytes: Number(sizes[index]) || 0 }))
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}
