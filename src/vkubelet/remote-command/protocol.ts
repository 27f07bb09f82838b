/**
 * Kubernetes' protocols for commands over streams (k8s.io/apimachinery, remotecommand): v4 gives the exit status as an
 * object, older ones have it in words. v5 is v4 with the end of a stream as a message, so it is for WebSockets alone. A
 * port-forward over a WebSocket is SPDY in its messages (k8s.io/apimachinery, portforward). The best ones come first.
 */
const PROTOCOLS = {
  spdy: { command: ['v4.channel.k8s.io'], forward: ['portforward.k8s.io'] },
  websocket: { command: ['v5.channel.k8s.io', 'v4.channel.k8s.io'], forward: ['SPDY/3.1+portforward.k8s.io'] },
} as const

/** What carries the streams of a client. */
export type Carrier = keyof typeof PROTOCOLS
type Kind = 'command' | 'forward'

/**
 * The protocol to answer with.
 * @param offered header lines, each with one or more
 * @returns undefined where the client has none that this Node speaks: 403, with `wordsOfProtocols`
 */
export function protocolOf(carrier: Carrier, kind: Kind, offered: readonly string[]): string | undefined {
  const all = new Set(offered.flatMap((line) => line.split(',').map((one) => one.trim())))
  return PROTOCOLS[carrier][kind].find((one) => all.has(one))
}

/** For a client that has none of them. */
export function wordsOfProtocols(carrier: Carrier, kind: Kind): string {
  return `this Node speaks ${PROTOCOLS[carrier][kind].join(' and ')}`
}
