import type { Socket } from 'node:net'

/**
 * RFC 4253 section 4.2 allows lines before the identification of the server. No server sends more than this number of
 * bytes.
 */
const MOST_BYTES = 64 * 1024

/**
 * Reads what comes before the identification of an SSH server. If the server refuses the connection there, ssh2 does
 * not report it.
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

  /** It is an SSH server. Later failures have another reason. */
  get isServer(): boolean {
    return this.#isServer
  }

  /** The first line of the text that came instead of an identification. */
  get said(): string {
    return this.#said.split(/[\r\n]/, 1)[0]?.slice(0, 200) ?? ''
  }
}
