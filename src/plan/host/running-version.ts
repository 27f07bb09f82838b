import { ofNode } from '../../model/distribution/service.ts'
import type { Facts } from '../../probes/facts.ts'
import { isUp } from './service-state.ts'

type Running = Pick<Facts, 'past' | 'run' | 'status' | 'services'>

/**
 * The running version, from the process, or else from its kubelet. The program on the disk counts only if nothing runs.
 * Pure.
 */
export function runningVersion(facts: Running): string | undefined {
  const { past, status, services } = facts
  if (!isUp(ofNode(services))) return past.version
  return processVersion(facts) ?? (status?.kubeletVersion || undefined) ?? past.version
}

/**
 * The version of a process that was started before the program on the disk came, where that is another. Each switch of
 * a NixOS system renews what the program is found through, so only the process itself can say it there. Pure.
 */
export function outdatedProcess(facts: Running & Pick<Facts, 'kind'>): string | undefined {
  const { past, run, kind } = facts
  const runs = kind === 'files' || processVersion(facts) !== undefined ? runningVersion(facts) : undefined
  if (!run.programIsNewer || runs === undefined || past.version === undefined) return undefined
  return isSameVersion(runs, past.version) ? undefined : runs
}

function processVersion({ past, run }: Running): string | undefined {
  return run.isProgram === true ? past.version : run.version
}

/** Why it restarts. */
export function outdatedText(runs: string, { past }: Running): string {
  return `${runs} is still running, and the program on the disk is ${past.version}`
}

/** The same facts, where the version is the one that runs: what may follow on what depends on that. */
export function asRunning<One extends { readonly facts: Running }>(
  one: One,
): One & { readonly facts: Pick<Facts, 'past'> } {
  const version = runningVersion(one.facts)
  return version === undefined ? one : { ...one, facts: { ...one.facts, past: { ...one.facts.past, version } } }
}

/** A kubelet may leave out the build (`+k3s1`). */
export function isSameVersion(a: string, b: string): boolean {
  return a === b || ((!a.includes('+') || !b.includes('+')) && withoutBuild(a) === withoutBuild(b))
}

function withoutBuild(version: string): string {
  return version.split('+')[0] ?? version
}
