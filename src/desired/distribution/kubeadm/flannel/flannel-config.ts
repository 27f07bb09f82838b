import { familyOf } from '../../../../model/addresses/ip.ts'
import type { Json } from '../../../../model/cluster.ts'

/**
 * What containerd reads in /etc/cni/net.d of every node: flannel gives a Pod its address, portmap its host ports.
 * Source: github.com/flannel-io/cni-plugin, README
 */
const cniConfig: Json = {
  name: 'cbr0',
  cniVersion: '0.3.1',
  plugins: [
    { type: 'flannel', delegate: { hairpinMode: true, isDefaultGateway: true } },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
}

/** What flannel reads. Source: github.com/flannel-io/flannel, Documentation/configuration.md */
function networkConfig(podNetworks: readonly string[]): Json {
  const of = (family: 'ipv4' | 'ipv6') => podNetworks.find((cidr) => familyOf(cidr) === family)
  const [ipv4, ipv6] = [of('ipv4'), of('ipv6')]
  return {
    ...(ipv4 === undefined ? { EnableIPv4: false } : { Network: ipv4 }),
    ...(ipv6 === undefined ? {} : { EnableIPv6: true, IPv6Network: ipv6 }),
    Backend: { Type: 'vxlan' },
  }
}

/** The files of flannel's ConfigMap. @param podNetworks CIDRs: IPv4, IPv6 or both */
export function flannelConfig(podNetworks: readonly string[]): Readonly<Record<string, string>> {
  return { 'cni-conf.json': jsonText(cniConfig), 'net-conf.json': jsonText(networkConfig(podNetworks)) }
}

function jsonText(value: Json): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
