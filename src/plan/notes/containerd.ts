import type { Host } from '../../model/cluster.ts'
import { sha256 } from '../../model/digest.ts'
import type { Kubeadm } from '../../model/distribution/distribution.ts'
import { minorOf } from '../../model/k3s/k3s-version.ts'
import { containerdSupport, pauseImageFor, readContainerdVersion } from '../../model/kubeadm/containerd-support.ts'
import { containerdConfigPath, containerdUnit } from '../../model/kubeadm/containerd-unit.ts'
import type { ContainerdFacts } from '../../probes/distribution/containerd.ts'
import type { HostNote } from '../plan.ts'
import type { SeenHost } from '../view/cluster-view.ts'

/** A containerd that works, but not as upstream has tested it. Pure. */
export function containerdNotes(
  { name: at }: Pick<Host, 'name'>,
  facts: ContainerdFacts,
  { version, containerd }: Pick<Kubeadm, 'version' | 'containerd'>,
): readonly HostNote[] {
  const kubernetes = minorOf(version)
  if (kubernetes === undefined || facts.kind === 'absent') return []
  const pause = facts.kind === 'running' && containerd === 'checked' ? otherPause(at, facts.pauseImage, kubernetes) : []
  return [...(facts.version === undefined ? [] : untested(at, facts.version, kubernetes)), ...pause]
}

function untested(at: Host['name'], version: string, kubernetes: number): readonly HostNote[] {
  const read = readContainerdVersion(version)
  const support = read === undefined ? undefined : containerdSupport(read, kubernetes)
  if (support?.kind !== 'untested') return []
  const { tested, breaksFrom } = support
  const end = breaksFrom === undefined ? '' : `; Kubernetes 1.${breaksFrom} refuses it`
  return [
    {
      code: 'containerd-untested',
      at,
      found: `containerd ${version} works, but its developers do not test it with Kubernetes 1.${kubernetes}${end}`,
      why: `they test these versions and their later patches: ${tested.join(', ')}`,
      todo: 'upgrade containerd when you can',
    },
  ]
}

function otherPause(at: Host['name'], image: string | undefined, kubernetes: number): readonly HostNote[] {
  const wanted = pauseImageFor(kubernetes)
  if (image === undefined || wanted === undefined || image === wanted) return []
  return [
    {
      code: 'containerd-pause',
      at,
      found: `containerd takes ${image} for Pods; kubeadm of 1.${kubernetes} expects ${wanted}`,
      why: 'the host downloads both, and kubeadm warns of it at each init and join',
      todo: 'set sandbox_image (containerd 2.x: sandbox) in /etc/containerd/config.toml',
    },
  ]
}

/** A configuration of somebody else, which keel replaces as a whole. Pure. */
export function containerdReplaced({ rendered, facts }: SeenHost): readonly HostNote[] {
  if (rendered.kind !== 'files' || facts.kind !== 'files') return []
  const ours = rendered.files.find(({ path }) => path === containerdConfigPath)
  const there = facts.paths[containerdConfigPath]
  if (ours?.readAtStartBy !== containerdUnit || there === undefined || there.kind === 'none') return []
  const isOurs = facts.generation.owned.includes(containerdConfigPath)
  if (isOurs || (there.kind === 'file' && there.sha256 === sha256(ours.content))) return []
  return [
    {
      code: 'containerd-replaced',
      at: rendered.host,
      found: `${containerdConfigPath} is not from keel, and keel replaces it`,
      why: "`containerd: 'managed'` gives the whole file to keel, with what somebody may have set in it: mirrors, other runtimes",
      todo: `look at it before you deploy: \`keel exec ${rendered.host} -- cat ${containerdConfigPath}\`; to keep it, remove \`containerd\` from hosts/cluster`,
    },
  ]
}
