/**
 * The list of network plug-ins for one host, from Debian's containernetworking-plugins: Pods on a bridge, addresses
 * from the Pod network of the host, host ports. CNI specification 0.4.0, which Debian's version 1.1.1 supports.
 */
export function conflist(podCIDR: string): object {
  return {
    cniVersion: '0.4.0',
    name: 'lab',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        // outside of the Pod networks, a Pod has the address of its host
        ipMasq: true,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: podCIDR }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
}
