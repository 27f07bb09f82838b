import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What it does with a request; it may keep the connection open. */
type Act = (socket: Socket, request: string) => void

/**
 * A stand-in for the keel-agent's helper that speaks its protocol: a line in, lines out. For what the real one can't be
 * made to do. The real one is tried in helper.test.ts and on hosts of the lab.
 */
export class HelperStandIn {
  readonly folder = mkdtempSync(join(tmpdir(), 'keel-helper-'))
  readonly paths = { look: join(this.folder, 'look.sock'), act: join(this.folder, 'act.sock') }
  /** Each `look` or `act`, and the request. */
  readonly asked: string[] = []
  act: Act = (socket) => socket.end('end\tok\n')
  readonly open = new Set<Socket>()
  readonly #servers: Server[] = []

  async listen(): Promise<void> {
    for (const [name, path] of Object.entries(this.paths)) {
      const server = createServer((socket) => {
        this.open.add(socket)
        socket.on('error', () => undefined)
        socket.on('close', () => this.open.delete(socket))
        let request = ''
        socket.on('data', (bytes: Buffer) => {
          request += bytes.toString()
          if (!request.endsWith('\n')) return
          this.asked.push(`${name} ${request.trimEnd()}`)
          this.act(socket, request.trimEnd())
        })
      })
      server.listen(path)
      await once(server, 'listening')
      this.#servers.push(server)
    }
  }

  /** Answers each request that begins with these words with lines, and all others with nothing. */
  answers(lines: Readonly<Record<string, readonly string[]>>): void {
    this.act = (socket, request) => {
      const found = Object.entries(lines).find(([words]) => request.startsWith(words))?.[1] ?? []
      socket.end([...found, 'end\tok', ''].join('\n'))
    }
  }

  async close(): Promise<void> {
    for (const socket of this.open) socket.destroy()
    for (const server of this.#servers) {
      server.close()
      await once(server, 'close')
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}
