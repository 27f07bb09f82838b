import { familyOf, parseListenIp, parseNodeIp } from '../../addresses/ip.ts'
import { type Kind, parsedBy } from './kind.ts'

/**
 * An address that other machines reach. Go's net.ParseIP reads it, without a zone, brackets, a port or leading zeros.
 */
export const nodeAddress: Kind = parsedBy('an IP address that the other nodes reach', parseNodeIp)

/** An address to listen on: one of the host, 0.0.0.0 or ::, or a loopback address. */
export const listenAddress: Kind = parsedBy('an IP address to listen on', parseListenIp)

/** At most one address of each family, because kubelet uses no more for a node. */
export const addressOfEachFamily: Kind = { ...nodeAddress, identity: familyOf, cutAtCommas: true }
