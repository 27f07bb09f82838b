import { familyOf, parseListenIp, parseNodeIp } from '../../addresses/ip.ts'
import { type Kind, parsedBy } from './kind.ts'

/** One that other machines reach. Go's net.ParseIP reads it, without a zone, brackets, a port or leading zeros. */
export const nodeAddress: Kind = parsedBy('an IP address that the other nodes reach', parseNodeIp)

/** One to listen on: its own, 0.0.0.0 or ::, or a loopback one. */
export const listenAddress: Kind = parsedBy('an IP address to listen on', parseListenIp)

/** At most one of each family: what kubelet makes of a node's addresses. */
export const addressOfEachFamily: Kind = { ...nodeAddress, identity: familyOf, cutAtCommas: true }
