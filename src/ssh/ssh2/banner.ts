import type { Socket } from 'node:net'

/**
 * RFC 4253 section 4.2 allows lines before the server's identification; no server has more to say than this many bytes.
 */
const MOST_BYTES = 64 * 1024

/**
 * Listens to what comes before an SSH server has said that it is one: where it turns us away, ssh2 knows nothing of it.
 */
export class Banner {
  #said = ''
  #isServer = false

  /** Create it before ssh2 gets the socket. `tooLong` is called for a server that sends too much. */
  constructor(socket: Socket, tooLong: () => void) {
    const listen = (bytes: Buffer) => {
      this.#said += bytes.toString('latin1')
      this.#isServer = /^SSH-/m.test(this.#said)
      if (!this.#isServer && this.#said.length > MOST_BYTES) tooLong()
      if (this.#isServer || this.#said.length > MOST_BYTES) socket.off('data', listen)
    }
    socket.on('data', listen)
  }

  /** It is an SSH server: later failures have another reason. */
  get isServer(): boolean {
    return this.#isServer
  }

  /** The first line of the text that came instead of an identification. */
  get said(): string {
    return this.#said.split(/[\r\n]/, 1)[0]?.slice(0, 200) ?? ''
  }
}
