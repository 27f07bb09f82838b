import type { CommandQuery } from '../remote-command/command-query.ts'
import { ChannelConnection } from './channel-connection.ts'
import { SpdyConnection } from './spdy-connection.ts'
import type { StreamConnection, StreamHandlers } from './stream-connection.ts'
import { acceptUpgrade, type Upgraded } from './upgraded.ts'
import { acceptWebSocket, tunnelThrough } from './web-socket.ts'

/** Changes to the streams of a command. @throws Refused */
export function openCommand(
  upgraded: Upgraded,
  protocol: string,
  query: CommandQuery,
  handlers: StreamHandlers,
): StreamConnection {
  if (upgraded.carrier === 'spdy') return openSpdy(upgraded, protocol, handlers)
  return new ChannelConnection(acceptWebSocket(upgraded, protocol), upgraded.socket, protocol, query, handlers)
}

/** Changes to the streams of a port-forward. @throws Refused */
export function openForward(upgraded: Upgraded, protocol: string, handlers: StreamHandlers): StreamConnection {
  if (upgraded.carrier === 'spdy') return openSpdy(upgraded, protocol, handlers)
  return new SpdyConnection(tunnelThrough(acceptWebSocket(upgraded, protocol)), Buffer.alloc(0), handlers)
}

function openSpdy(upgraded: Upgraded, protocol: string, handlers: StreamHandlers): StreamConnection {
  acceptUpgrade(upgraded, protocol)
  return new SpdyConnection(upgraded.socket, upgraded.head, handlers)
}
