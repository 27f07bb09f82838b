import { k3sPaths } from '../k3s/paths.ts'
import { AGENT_ARTIFACT, NODE_ARTIFACT } from '../keel-agent/agent-program.ts'

/**
 * The paths that keel, k3s or the kernel writes itself, with the reason, and with the key of the inventory to use
 * instead, if there is one.
 */
const OWNED: readonly (readonly [path: string, reason: string])[] = [
  [k3sPaths.configuration, "keel writes k3s's configuration there: use `k3s` and `registries`"],
  [k3sPaths.node, "k3s keeps the node's password there"],
  [k3sPaths.manifests, 'keel writes manifests there: use `manifests`'],
  [k3sPaths.roots.data, 'k3s keeps its data there'],
  ['/var/lib/kubelet', 'the kubelet keeps its data there'],
  ['/var/lib/keel', 'keel keeps its generations there'],
  ['/etc/keel', 'keel keeps its own files there'],
  ['/etc/kubernetes', 'kubeadm keeps credentials and the control plane there'],
  ['/var/lib/etcd', 'etcd keeps its data there'],
  ['/opt/extensions/kubernetes', 'keel keeps the image of Kubernetes there'],
  ['/etc/extensions/kubernetes.raw', 'keel links the image of Kubernetes there'],
  ...[NODE_ARTIFACT, AGENT_ARTIFACT].flatMap((name) => [
    [`/opt/extensions/${name}`, 'keel keeps an image of its agent there'] as const,
    [`/etc/extensions/${name}.raw`, 'keel links an image of its agent there'] as const,
  ]),
  ['/etc/systemd/system/systemd-sysext.service.d/keel-kubernetes.conf', 'keel starts kubelet with it'],
  ['/etc/systemd/system/sysinit.target.wants/systemd-sysext.service', 'keel has the image merged at a boot with it'],
  ['/etc/systemd/system/containerd.service.d/keel.conf', 'keel has containerd read its configuration with it'],
  ['/etc/sysupdate.kubernetes.d', 'keel tells systemd-sysupdate there where new images are: use `sysupdate`'],
  ['/etc/sysupdate.k3s.d', 'keel tells systemd-sysupdate there where new images are: use `sysupdate`'],
  ['/etc/systemd/import-pubring.gpg', 'keel writes the keys for new images there: use `sysupdate`'],
  ['/etc/ha-vip', "keel writes ha-vip's configuration there: use `vip`"],
  ['/usr/local/lib/keel', 'keel installs its programs there'],
  ['/usr/local/bin/k3s', 'keel installs k3s there'],
  ['/usr/local/bin/keel-agent', 'keel installs its agent there'],
  ['/usr/local/bin/keel-vkubelet', 'keel installs its systemd kubelet there'],
  ['/etc/credstore', 'keel keeps credentials there'],
  ['/etc/credstore.encrypted', 'keel keeps credentials there'],
  ['/var/lib/systemd/credential.secret', "the host's credential key"],
  ['/proc', 'it belongs to the kernel'],
  ['/sys', 'it belongs to the kernel'],
  ['/dev', 'it belongs to the kernel'],
  ['/run', 'its contents are lost at a reboot'],
  ['/tmp', 'its contents are lost at a reboot'],
  ['/nix', 'only Nix writes there'],
]

/** Every connection trusts the host keys, so no file of the inventory may replace one. */
const HOST_KEY = /^\/etc\/ssh\/ssh_host_/

/**
 * The folders in which systemd looks for units of the system (systemd.unit(5), "Unit File Load Path"; keel refuses all
 * of /run), and the names of keel's units there. A name may be a unit, its drop-ins (`k3s-.service.d` also applies to
 * k3s-agent), what it wants, or a link to it in the `wants` of a target.
 */
const UNIT_FOLDERS = /^\/(?:etc|usr\/lib|usr\/local\/lib)\/systemd\/system(?:\.control|\.attached)?\/(.+)$/
const KEELS_UNIT =
  /^(?:k3s|k3s-|k3s-agent|keel|keel-[A-Za-z0-9_-]*(?:@[^./]*)?|ha-|ha-vip)\.(?:service|timer|socket|path|target|mount)(?:\.(?:d|wants|requires|upholds))?$/

/** Links on Debian, Flatcar and most other systems: the merged /usr (file-hierarchy(7)), /var/run and /var/lock. */
const ALIASES: readonly (readonly [alias: string, folder: string])[] = [
  ['/var/run', '/run'],
  ['/var/lock', '/run/lock'],
  ['/bin', '/usr/bin'],
  ['/sbin', '/usr/sbin'],
  ['/lib', '/usr/lib'],
  ['/lib32', '/usr/lib32'],
  ['/lib64', '/usr/lib64'],
  ['/libx32', '/usr/libx32'],
]

/** The path with the real name of the folder: /lib/x → /usr/lib/x. */
export function withoutAlias(path: string): string {
  const found = ALIASES.find(([alias]) => isBelow(path, alias))
  return found === undefined ? path : found[1] + path.slice(found[0].length)
}

/** Why a path cannot be a file of the inventory; undefined if it can. */
export function reasonOfOwner(path: string): string | undefined {
  const owner = OWNED.find(([owned]) => isBelow(path, owned))
  if (owner !== undefined) return owner[1]
  if (HOST_KEY.test(path)) return 'the machine makes its own host keys'
  // a file at /bin, for example, would replace the link to /usr/bin, and the shell would be gone
  if (ALIASES.some(([, folder]) => folder === path))
    return 'this must be a folder, because the system needs its contents'
  const parts = UNIT_FOLDERS.exec(path)?.[1]?.split('/') ?? []
  if (parts.some((part) => KEELS_UNIT.test(part))) return 'keel writes the units of k3s and its own'
  const needed = [...OWNED.map(([owned]) => owned), '/etc/systemd/system/k3s.service'].find((owned) =>
    isBelow(owned, path),
  )
  return needed === undefined ? undefined : `this must be a folder, because keel, k3s or the system needs ${needed}`
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}
