import type { Host } from '../../model/cluster.ts'
import { isNewerVersion } from '../../model/kubernetes/newer-version.ts'
import type { Facts, FilesFacts } from '../../probes/facts.ts'
import type { FilesRendered, Rendered } from '../../targets/rendered.ts'
import { isSameVersion, runningVersion } from '../host/running-version.ts'
import type { HostNote } from '../plan.ts'

/**
 * A host on which somebody has changed k3s by hand: its version is no earlier one of this inventory's. A built system
 * has a note of its own, and a host of kubeadm a refusal. Pure.
 */
export function otherVersion({ name }: Host, wanted: string, rendered: Rendered, facts: Facts): readonly HostNote[] {
  if (rendered.distribution === 'kubeadm') return []
  const runs = runningVersion(facts)
  if (rendered.kind !== 'files' || facts.kind !== 'files' || runs === undefined || isSameVersion(runs, wanted))
    return []
  const replaced = replacedLink(rendered, facts)
  if (replaced === undefined && !isNewerVersion(runs, wanted)) return []
  return [
    {
      code: 'other-version',
      at: name,
      found: `the host runs k3s ${runs}, but hosts/cluster has ${wanted}`,
      why:
        replaced === undefined
          ? 'somebody upgraded k3s by hand, or hosts/cluster has an older version again'
          : `${replaced} is not keel's link: somebody installed k3s by hand`,
      todo: `to install ${wanted} run \`keel deploy\`; to keep ${runs} set version in hosts/cluster, then run \`keel pin\``,
    },
  ]
}

/** The path, if it is not keel's link to keel's program. */
function replacedLink({ links, artifacts }: FilesRendered, { paths }: FilesFacts): string | undefined {
  return links.find(({ path, target, readAtStartBy }) => {
    // what the part of another feature has there is no k3s
    if (readAtStartBy === undefined) return false
    const artifact = artifacts.find((one) => one.path === target)
    const state = paths[path]
    if (artifact === undefined || state === undefined || state.kind === 'none') return false
    return state.kind !== 'link' || !state.target.startsWith(target.slice(0, target.lastIndexOf('/') + 1))
  })?.path
}
