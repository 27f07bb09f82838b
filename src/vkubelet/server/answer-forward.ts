import { connect, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import type { Listener } from '../forward/listeners.ts'
import { unitName } from '../names/unit-name.ts'
import { type ForwardEvent, ForwardSession } from '../remote-command/forward-session.ts'
import type { ForwardRequest } from '../requests/kubelet-request.ts'
import { agreedProtocol } from './agreed-protocol.ts'
import { holdUntilDrained } from './hold-until-drained.ts'
import { type NodeView, podAt } from './node-view.ts'
import { openForward } from './open-streams.ts'
import type { StreamConnection } from './stream-connection.ts'
import type { Upgraded } from './upgraded.ts'

interface Forwarding {
  readonly view: NodeView
  /** Where one of these units listens on a port. */
  portOf(units: readonly string[], port: number): Promise<Listener | undefined>
}

/** Answers `kubectl port-forward`. @throws Refused before anything of the protocol is answered */
export async function answerForward(
  { view, portOf }: Forwarding,
  { pod: ref }: ForwardRequest,
  upgraded: Upgraded,
): Promise<void> {
  const protocol = agreedProtocol(upgraded, 'forward')
  const pod = podAt(view, ref.namespace, ref.pod)
  const units = pod.containers.map(({ name }) => unitName({ namespace: pod.namespace, pod: pod.name, container: name }))
  forward((port) => portOf(units, port), upgraded, protocol)
}

/** What a client has sent, until the connection behind it takes it; and that connection. */
interface Behind {
  readonly inbound: PassThrough
  local?: Socket
}

function forward(find: (port: number) => Promise<Listener | undefined>, upgraded: Upgraded, protocol: string): void {
  const all = new Map<number, Behind>()
  const close = (connection: number) => {
    const one = all.get(connection)
    all.delete(connection)
    one?.inbound.destroy()
    one?.local?.destroy()
  }
  const open = async (connection: number, port: number) => {
    const behind: Behind = { inbound: new PassThrough() }
    all.set(connection, behind)
    const found = await find(port).catch(() => undefined)
    if (!all.has(connection)) return
    if (found === undefined) {
      close(connection)
      session.end(connection, `no container of this pod listens on port ${port}`)
      return
    }
    const local = connect({ host: found.address, port })
    behind.local = local
    let isOpen = false
    local.once('connect', () => {
      isOpen = true
    })
    local.on('error', () => {
      close(connection)
      // with words, kubectl would end all of them
      session.end(connection, isOpen ? '' : `port ${port} of this pod takes no connection`)
    })
    behind.inbound.pipe(local)
    local.on('data', (bytes) => {
      session.write(connection, bytes)
      const drained = server.drained()
      if (drained === undefined) return
      local.pause()
      void drained.then(() => local.resume())
    })
    local.once('end', () => session.end(connection))
    local.once('close', () => close(connection))
  }
  const act = (event: ForwardEvent) => {
    const { connection } = event
    const inbound = all.get(connection)?.inbound
    if (event.kind === 'connect') void open(connection, event.port)
    else if (event.kind === 'ended') inbound?.end()
    else if (event.kind === 'closed') close(connection)
    else if (inbound !== undefined && !inbound.write(event.bytes)) holdUntilDrained(server, inbound)
  }
  const server: StreamConnection = openForward(upgraded, protocol, {
    take(event) {
      for (const one of session.take(event)) act(one)
    },
    closed() {
      for (const one of session.close()) act(one)
    },
  })
  const session = new ForwardSession(server.streams)
}
