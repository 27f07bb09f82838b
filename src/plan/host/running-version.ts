import { ofNode } from '../../model/distribution/service.ts'
import type { Facts } from '../../probes/facts.ts'
import { isUp } from './service-state.ts'

type Running = Pick<Facts, 'k3s' | 'run' | 'status' | 'services'>

/**
 * The running version, from the process, or else from its kubelet. The program on the disk counts only if nothing runs.
 * Pure.
 */
export function runningVersion(facts: Running): string | undefined {
  const { k3s, status, services } = facts
  if (!isUp(ofNode(services))) return k3s.version
  return processVersion(facts) ?? (status?.kubeletVersion || undefined) ?? k3s.version
}

/**
 * The version of a process that was started before the program on the disk came, where that is another. Each switch of
 * a NixOS system renews what the program is found through, so only the process itself can say it there. Pure.
 */
export function outdatedProcess(facts: Running & Pick<Facts, 'kind'>): string | undefined {
  const { k3s, run, kind } = facts
  const runs = kind === 'files' || processVersion(facts) !== undefined ? runningVersion(facts) : undefined
  if (!run.programIsNewer || runs === undefined || k3s.version === undefined) return undefined
  return isSameVersion(runs, k3s.version) ? undefined : runs
}

function processVersion({ k3s, run }: Running): string | undefined {
  return run.isProgram === true ? k3s.version : run.version
}

/** Why it restarts. */
export function outdatedText(runs: string, { k3s }: Running): string {
  return `${runs} is still running, and the program on the disk is ${k3s.version}`
}

/** The same facts, where the version is the one that runs: what may follow on what depends on that. */
export function asRunning<One extends { readonly facts: Running }>(one: One): One & { readonly facts: Pick<Facts, 'k3s'> } {
  const version = runningVersion(one.facts)
  return version === undefined ? one : { ...one, facts: { ...one.facts, k3s: { ...one.facts.k3s, version } } }
}

/** A kubelet may leave out the build (`+k3s1`). */
export function isSameVersion(a: string, b: string): boolean {
  return a === b || ((!a.includes('+') || !b.includes('+')) && withoutBuild(a) === withoutBuild(b))
}

function withoutBuild(version: string): string {
  return version.split('+')[0] ?? version
}
