import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { logTo } from '../../../src/agent/log.ts'
import { answerCommand } from '../../../src/vkubelet/server/answer-command.ts'
import { answerForward } from '../../../src/vkubelet/server/answer-forward.ts'
import { text } from '../../../src/vkubelet/server/kubelet-answers.ts'
import { type Serving, serveKubelet } from '../../../src/vkubelet/server/serve-kubelet.ts'
import { ClusterCa } from './cluster-ca.ts'
import { CommandsInMemory, runningNode } from './running-node.ts'

/** Certificates take a while to make, and no test changes them. */
const ca = new ClusterCa()
const serving = ca.issue({ subject: [['CN', 'ocean']], purpose: 'server' })
const apiServer = ca.apiServer()
const user = { name: 'system:apiserver', groups: ['system:masters'] }

/** The server of a Node with one Pod, whose commands are in memory, and one port of it that echoes. */
export class ServedNode {
  readonly commands = new CommandsInMemory()
  /** Lines of its log. */
  readonly lines: string[] = []
  readonly echo: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  echoPort = 0
  #server: Serving | undefined

  async listen(): Promise<void> {
    this.echo.listen(0, '127.0.0.1')
    await once(this.echo, 'listening')
    this.echoPort = (this.echo.address() as AddressInfo).port
    const log = logTo({ write: (line) => this.lines.push(line) }, 'info')
    const portOf = async (_units: unknown, port: number) =>
      port === this.echoPort ? { address: '127.0.0.1', port, inode: '1' } : undefined
    this.#server = await serveKubelet({
      identity: { serving: { credential: serving }, clientCa: ca.certificate },
      port: 0,
      mayAsk: async () => ({ kind: 'allowed', user }),
      answers: {
        plain: async () => text(200, 'ok'),
        logs: async () => undefined,
        stream: (request, upgraded) =>
          request.kind === 'forward'
            ? answerForward({ view: runningNode, portOf }, request, upgraded)
            : answerCommand(
                { view: runningNode, run: (one, query) => this.commands.run(one, query), log },
                request,
                upgraded,
              ),
      },
      log,
    })
  }

  /** How the API server connects, for node:tls and node:https. */
  get client() {
    const { port = 0 } = this.#server ?? {}
    return { host: '127.0.0.1', port, ca: ca.certificate, cert: apiServer.chain, key: apiServer.key }
  }

  async close(): Promise<void> {
    await this.#server?.close()
    this.echo.close()
  }
}
