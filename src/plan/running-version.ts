import type { Host } from '../model/cluster.ts'
import type { Facts, FilesFacts } from '../probes/facts.ts'
import type { FilesRendered, Rendered } from '../targets/rendered.ts'
import type { HostNote } from './plan.ts'

type Running = Pick<Facts, 'k3s' | 'run' | 'status' | 'unit'>

/** What runs, by the word of the process, else of its kubelet. The program on the disk says it only where nothing runs. Pure. */
export function runningVersion(facts: Running): string | undefined {
  const { k3s, status, unit } = facts
  if (unit.active !== 'active' && unit.active !== 'activating') return k3s.version
  return processVersion(facts) ?? (status?.kubeletVersion || undefined) ?? k3s.version
}

/**
 * The version of a process that was started before the program on the disk came, where that is another. Each switch of a NixOS system renews what the
 * program is found through, so only the process itself can say it there. Pure.
 */
export function outdatedProcess(facts: Running & Pick<Facts, 'kind'>): string | undefined {
  const { k3s, run, kind } = facts
  const runs = kind === 'files' || processVersion(facts) !== undefined ? runningVersion(facts) : undefined
  if (!run.programIsNewer || runs === undefined || k3s.version === undefined) return undefined
  return isSame(runs, k3s.version) ? undefined : runs
}

function processVersion({ k3s, run }: Running): string | undefined {
  return run.isProgram === true ? k3s.version : run.version
}

/** Why it restarts. */
export function outdatedText(runs: string, { k3s }: Running): string {
  return `it still runs ${runs}, and the program on the disk is ${k3s.version}`
}

/** The same facts, where the version is the one that runs: what may follow on what depends on that. */
export function asRunning<One extends { readonly facts: Running }>(one: One): One & { readonly facts: Pick<Facts, 'k3s'> } {
  const version = runningVersion(one.facts)
  return version === undefined ? one : { ...one, facts: { ...one.facts, k3s: { ...one.facts.k3s, version } } }
}

/** A host on which somebody has changed k3s by hand: its version is no earlier one of this inventory's. A built system has a note of its own. Pure. */
export function otherVersion({ name }: Host, wanted: string, rendered: Rendered, facts: Facts): readonly HostNote[] {
  const runs = runningVersion(facts)
  if (rendered.kind !== 'files' || facts.kind !== 'files' || runs === undefined || isSame(runs, wanted)) return []
  const replaced = replacedLink(rendered, facts)
  if (replaced === undefined && !isNewer(runs, wanted)) return []
  return [
    {
      code: 'other-version',
      at: name,
      found: `it runs k3s ${runs}, and hosts/cluster says ${wanted}`,
      why:
        replaced === undefined
          ? 'somebody upgraded it by hand, or the version in hosts/cluster was set back'
          : `${replaced} is not the link that keel makes: somebody installed k3s by hand`,
      todo: `a deploy brings ${wanted}; to keep the other one, set version in hosts/cluster, then \`keel pin\``,
    },
  ]
}

/** The path at which something else is than a link of keel's to a program of keel's. */
function replacedLink({ links, artifacts }: FilesRendered, { paths }: FilesFacts): string | undefined {
  return links.find(({ path, target }) => {
    const artifact = artifacts.find((one) => one.path === target)
    const state = paths[path]
    if (artifact === undefined || state === undefined || state.kind === 'none') return false
    return state.kind !== 'link' || !state.target.startsWith(target.slice(0, target.lastIndexOf('/') + 1))
  })?.path
}

/** A kubelet may leave out the build (`+k3s1`). */
function isSame(a: string, b: string): boolean {
  return a === b || ((!a.includes('+') || !b.includes('+')) && withoutBuild(a) === withoutBuild(b))
}

function withoutBuild(version: string): string {
  return version.split('+')[0] ?? version
}

function isNewer(a: string, b: string): boolean {
  const [left, right] = [numbers(a), numbers(b)]
  const at = left.findIndex((number, index) => number !== right[index])
  return at >= 0 && (left[at] ?? 0) > (right[at] ?? 0)
}

/** Of `v1.34.4+k3s2`: 1, 34, 4, 2. */
function numbers(version: string): readonly number[] {
  return (/^v(\d+)\.(\d+)\.(\d+)(?:.*\+k3s(\d+))?/.exec(version) ?? []).slice(1).map((number) => Number(number ?? 0))
}
