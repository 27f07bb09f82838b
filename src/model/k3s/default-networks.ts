/** The default networks of k3s for Pods and Services. */
export interface DefaultNetworks {
  readonly cluster: string
  readonly service: string
}

/**
 * Chosen by the family of the node's first address (k3s's pkg/cli/server and pkg/util, GetDefaultAddresses).
 * @param nodeIp an address or a network of that family; undefined if it is not known
 */
export function defaultNetworks(nodeIp: string | undefined): DefaultNetworks {
  return nodeIp?.includes(':') === true
    ? { cluster: 'fd00:42::/56', service: 'fd00:43::/112' }
    : { cluster: '10.42.0.0/16', service: '10.43.0.0/16' }
}
