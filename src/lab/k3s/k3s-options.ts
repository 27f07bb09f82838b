import { minorOf } from '../../model/k3s/k3s-version.ts'
import type { Artifact, LabOf } from '../description.ts'
import { containerdSocket } from '../images/containerd-config.ts'

/**
 * k3s's config.yaml for lab hosts, for every kind of k3s. Hosts can pull nothing, so everything is disabled that k3s
 * would run as a Pod, and k3s uses the network plug-in and the containerd of the host. The look-alike refuses to start
 * unless everything that it does not have is disabled, with these same keys.
 */
export const k3sOptions = {
  server: {
    'container-runtime-endpoint': `unix://${containerdSocket}`,
    'flannel-backend': 'none',
    'egress-selector-mode': 'disabled',
    'disable-network-policy': true,
    'disable-helm-controller': true,
    'disable-cloud-controller': true,
    disable: ['coredns', 'servicelb', 'traefik', 'local-storage', 'metrics-server'],
  },
  agent: { 'container-runtime-endpoint': `unix://${containerdSocket}` },
}

/**
 * The same for a certain k3s on this machine. From 1.35 on, the kubelet refuses cgroup v1, which the hosts of a lab
 * have if the machine has it. The look-alike sets this kubelet option by itself.
 */
export function k3sOptionsFor(
  { kind, version }: Pick<Artifact, 'kind' | 'version'>,
  cgroups: 'v1' | 'v2',
): LabOf<'k3s'>['k3sOptions'] {
  if (kind === 'lookalike' || cgroups === 'v2' || (minorOf(version) ?? 0) < 35) return k3sOptions
  const more = { 'kubelet-arg': ['fail-cgroupv1=false'] }
  return { server: { ...k3sOptions.server, ...more }, agent: { ...k3sOptions.agent, ...more } }
}
