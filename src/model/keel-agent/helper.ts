/**
 * The sockets of the keel-agent's helper, which does what needs more rights than the agent has. One is for what a viewer
 * may ask, the other for what an operator may do: a mistake in what a viewer is answered restarts nothing.
 */
export const helperFolder = '/run/keel-agent'
export const helperSockets = { look: `${helperFolder}/look.sock`, act: `${helperFolder}/act.sock` } as const
export type HelperSocket = keyof typeof helperSockets

/** The units that run Kubernetes' node, of which a host has one. */
export const nodeUnits = ['k3s.service', 'k3s-agent.service', 'kubelet.service'] as const

/** The units that keel places, on one host or another: their journals can be read, and operators restart them. */
export const keelUnits: readonly string[] = [
  ...nodeUnits,
  'keel-kubeadm.service',
  'keel-manifests.service',
  'keel-agent.service',
  'keel-approver.service',
  'keel-approver-token.service',
  'keel-firewall.service',
  'keel-vip.service',
  'keel-vip-health.service',
  'ha-vip.service',
  'keel-ha-vip.service',
  'keel-sysupdate.service',
]

/** On NixOS it is the unit that has the cluster's address; elsewhere keel does not place it. */
export const keepalivedUnit = 'keepalived.service'

/** Units of the system whose journals are read when Kubernetes has a problem. Nobody restarts these through the agent. */
export const systemUnits: readonly string[] = [
  'chrony.service',
  'chronyd.service',
  'containerd.service',
  'dbus.service',
  'firewalld.service',
  'keel-agent-act.socket',
  'keel-agent-look.socket',
  'keel-ha-vip.timer',
  'keel-sysupdate.timer',
  'nftables.service',
  'ssh.service',
  'sshd.service',
  'systemd-journald.service',
  'systemd-logind.service',
  'systemd-networkd.service',
  'systemd-resolved.service',
  'systemd-sysext.service',
  'systemd-timesyncd.service',
  'systemd-udevd.service',
]
