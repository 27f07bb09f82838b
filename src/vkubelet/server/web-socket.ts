import type { Duplex } from 'node:stream'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'
import { Refused } from './kubelet-answers.ts'
import { limits } from './limits.ts'
import type { Upgraded } from './upgraded.ts'

/**
 * Changes to a WebSocket (RFC 6455). Messages have a limit, because each is whole before anybody sees it; nothing is
 * compressed; a client that pings and does not read is closed (`maxPendingAutoPongs` of ws).
 * @param protocol of `protocolOf`: all messages are binary in each of them
 * @throws Refused
 */
export function acceptWebSocket({ request, socket, head }: Upgraded, protocol: string): WebSocket {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.messageBytes,
    maxFragments: limits.messageFragments,
  })
  let found: WebSocket | undefined
  let fault = 'this is no request for a WebSocket'
  // with a listener, ws leaves the answer to it
  server.once('wsClientError', ({ message }) => {
    fault = message
  })
  // ws would not read the name of a tunnel, whose `/` no subprotocol may have
  delete request.headers['sec-websocket-protocol']
  server.once('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${protocol}`))
  server.handleUpgrade(request, socket, head, (webSocket) => {
    found = webSocket
  })
  if (found === undefined) throw new Refused(400, fault)
  return guarded(found, socket)
}

function guarded(webSocket: WebSocket, socket: Duplex): WebSocket {
  // ws has told the client why, and waits for it
  webSocket.on('error', () => setTimeout(() => socket.destroy(), limits.closingTime).unref())
  webSocket.on('message', (_message, isBinary) => {
    if (!isBinary) socket.destroy()
  })
  return webSocket
}

/** The bytes of all messages as one stream, in both directions: what a protocol in a tunnel runs on. */
export function tunnelThrough(webSocket: WebSocket): Duplex {
  return createWebSocketStream(webSocket, {
    // what has waited for the client is one message: SPDY writes each header by itself
    writev: (parts, done) => webSocket.send(Buffer.concat(parts.map(({ chunk }) => chunk)), done),
  })
}
