import { type Carrier, protocolOf, wordsOfProtocols } from '../remote-command/protocol.ts'
import { Refused } from './kubelet-answers.ts'
import type { Upgraded } from './upgraded.ts'

/** Where a client has its protocols, the best first. */
const HEADERS: Readonly<Record<Carrier, string>> = {
  spdy: 'x-stream-protocol-version',
  websocket: 'sec-websocket-protocol',
}

/** The protocol to answer with. @throws Refused */
export function agreedProtocol({ carrier, request }: Upgraded, kind: 'command' | 'forward'): string {
  const protocol = protocolOf(carrier, kind, request.headersDistinct[HEADERS[carrier]] ?? [])
  if (protocol === undefined) throw new Refused(403, wordsOfProtocols(carrier, kind))
  return protocol
}
