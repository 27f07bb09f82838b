import { cniPluginFolder } from '../../../model/kubeadm/cni-plugin-folder.ts'
import { isOlder, pauseImageFor, readContainerdVersion } from '../../../model/kubeadm/containerd-support.ts'
import { containerdConfigPath, containerdUnit } from '../../../model/kubeadm/containerd-unit.ts'
import { madeByKeel } from '../../../model/made-by-keel.ts'
import type { WantedFile } from '../../host-state.ts'

/**
 * The file /etc/containerd/config.toml of a host whose containerd keel configures (`containerd: 'managed'`). Everything
 * that it does not name has containerd's default.
 * @param version of the host's containerd, which decides the form of the file: 2 for 1.x, 3 for 2.x
 * @param kubernetes the minor of Kubernetes 1.x (36)
 * @see https://github.com/containerd/containerd/blob/main/docs/cri/config.md
 */
export function containerdConfig({ version }: { readonly version: string }, kubernetes: number): string {
  const read = readContainerdVersion(version)
  if (read === undefined) throw new Error(`no version of containerd: ${version}`)
  const pause = pauseImageFor(kubernetes)
  if (isOlder(read, [2, 0, 0])) return `${madeByKeel}${form2(pause)}`
  // the list is new in 2.1, and 2.3 no longer takes the single folder
  const folders = isOlder(read, [2, 1, 0]) ? `bin_dir = "${cniPluginFolder}"` : `bin_dirs = ["${cniPluginFolder}"]`
  return `${madeByKeel}${form3(pause, folders)}`
}

/** Of each form the oldest containerd that takes it. */
const FORMS = ['1.6.0', '2.0.0', '2.1.0'] as const

/**
 * The same before anybody knows the version of a host's containerd: the form of 1.x, which 2.x reads as well. The others are
 * just as right where they are already.
 */
export function containerdFile(kubernetes: number): WantedFile {
  const [content, ...alternatives] = FORMS.map((version) => containerdConfig({ version }, kubernetes))
  return { ...placed, content: content ?? '', alternatives }
}

/** The one file for the containerd of a host. Undefined for a version that nobody can read. */
export function containerdFileFor(version: string, kubernetes: number): WantedFile | undefined {
  if (readContainerdVersion(version) === undefined) return undefined
  return { ...placed, content: containerdConfig({ version }, kubernetes) }
}

const placed = {
  path: containerdConfigPath,
  mode: '0644',
  owner: 'root',
  group: 'root',
  readAtStartBy: containerdUnit,
} as const

/**
 * Of an older containerd it is not the default. A file there is read at each pull.
 * @see https://github.com/containerd/containerd/blob/main/docs/hosts.md
 */
const registries = 'config_path = "/etc/containerd/certs.d"'

function form2(pause: string | undefined): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  const pauseImage = pause === undefined ? '' : `[${cri}]\nsandbox_image = "${pause}"\n\n`
  return `version = 2

${pauseImage}[${cri}.cni]
bin_dir = "${cniPluginFolder}"
conf_dir = "/etc/cni/net.d"

[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[${cri}.containerd.runtimes.runc.options]
SystemdCgroup = true

[${cri}.registry]
${registries}
`
}

function form3(pause: string | undefined, folders: string): string {
  const runtime = 'plugins."io.containerd.cri.v1.runtime"'
  const images = 'plugins."io.containerd.cri.v1.images"'
  const pauseImage = pause === undefined ? '' : `[${images}.pinned_images]\nsandbox = "${pause}"\n\n`
  return `version = 3

${pauseImage}[${runtime}.cni]
${folders}
conf_dir = "/etc/cni/net.d"

[${runtime}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[${runtime}.containerd.runtimes.runc.options]
SystemdCgroup = true

[${images}.registry]
${registries}
`
}
