/**
 * The image that containerd uses for the first process of every Pod. The lab imports it, so containerd never pulls it.
 */
export const pauseImage = 'localhost/pause:1'
/** The image with the lab's one program for Pods: `serve`, `sleep`, `env` … */
export const tinyImage = 'localhost/tiny:1'
export const containerdSocket = '/run/containerd/containerd.sock'
/** Where a Flatcar machine has the configuration of its containerd: the unit names it. */
export const flatcarContainerdConfig = '/usr/share/containerd/config.toml'

/** What a distribution needs of the containerd of its hosts. */
interface Wanted {
  /** The image of the first process of every Pod. */
  readonly pause: string
  readonly cgroups: 'cgroupfs' | 'systemd'
}

/** Configuration of containerd 1.6, version 2. `restrict_oom_score_adj`: a lab host may not lower the score. */
export const containerdConfigFor = ({ pause, cgroups }: Wanted): string => `version = 2
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pause}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = ${cgroups === 'systemd'}
`

/**
 * For k3s. The driver is cgroupfs, because it works on cgroup v1 and v2, and is the default of k3s with a containerd of
 * the host.
 */
export const containerdConfig = containerdConfigFor({ pause: pauseImage, cgroups: 'cgroupfs' })
