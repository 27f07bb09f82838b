import { containerdSocket } from './containerd-config.ts'

/**
 * k3s's config.yaml for lab hosts, whichever k3s it is: nothing can be pulled, so everything that k3s would run as a Pod is off; Pods' network and
 * containerd are the host's own. The look-alike refuses to start unless what it lacks is off, and these are the keys.
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
