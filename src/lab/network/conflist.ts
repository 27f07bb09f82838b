/**
 * A network plug-in's list for one host, of Debian's containernetworking-plugins: Pods on a bridge, addresses from the
 * host's own Pod network, host ports. CNI specification 0.4.0, which Debian's version 1.1.1 speaks.
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
        // Pods reach what is outside the Pod networks under their host's address
        ipMasq: true,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: podCIDR }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
}
