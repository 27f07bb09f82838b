import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { WebSocket } from 'ws'
import { ServedNode } from './served-node.ts'

export const V5 = 'v5.channel.k8s.io'
export const V4 = 'v4.channel.k8s.io'
export const FORWARD = 'SPDY/3.1+portforward.k8s.io'
export const EXEC = '/exec/default/uptimed/uptimed'
export const CAT = `${EXEC}?command=cat&input=1&output=1`

/** What `serveNode` serves. */
export let node: ServedNode
const clients = new Set<WebSocket>()
const sockets = new Set<TLSSocket>()

/** For a beforeEach. @returns what closes the Node and the clients of a test */
export async function serveNode(): Promise<() => Promise<void>> {
  node = new ServedNode()
  await node.listen()
  return async () => {
    for (const client of clients) client.terminate()
    for (const socket of sockets) socket.destroy()
    clients.clear()
    sockets.clear()
    await node.close()
  }
}

/** A client, with what has come on each channel, and the code of the end. */
export function webSocket(path: string, protocols: string | string[]) {
  const { host, port, ...tls } = node.client
  const client = new WebSocket(`wss://${host}:${port}${path}`, protocols, tls)
  clients.add(client)
  const channels = new Map<number, string>()
  const messages: Buffer[] = []
  let code = 0
  client.on('error', () => undefined)
  client.on('message', (message) => {
    if (!Buffer.isBuffer(message)) return
    messages.push(message)
    const [channel = 0] = message
    channels.set(channel, (channels.get(channel) ?? '') + message.toString('utf8', 1))
  })
  client.once('close', (with_) => {
    code = with_
  })
  return { client, channels, messages, code: () => code }
}

export async function opened(path: string, protocols: string | string[] = V5) {
  const one = webSocket(path, protocols)
  await once(one.client, 'open')
  return one
}

/** A message on a channel. */
export const on = (channel: number, text = '') => Buffer.concat([Buffer.from([channel]), Buffer.from(text)])

export const KEY = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
export const VERSION = 'Sec-WebSocket-Version: 13\r\n'
const handshake = (path: string, { method = 'GET', headers = KEY + VERSION, protocol = V5 } = {}) =>
  `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}Sec-WebSocket-Protocol: ${protocol}\r\n\r\n`

/** A client that sends what it likes, after its first lines. */
export async function raw(path: string, more: Parameters<typeof handshake>[1] = {}) {
  const socket = connect(node.client)
  sockets.add(socket)
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  let found = ''
  socket.on('data', (bytes: Buffer) => {
    found += bytes.toString('latin1')
  })
  socket.write(handshake(path, more))
  return { socket, answered: () => found }
}
