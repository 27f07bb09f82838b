import { connect } from 'node:net'

/**
 * Whether a program answers a TCP connection from this machine. It waits for a second, and a firewall that drops
 * packets does not answer within that time.
 */
export function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 })
    const done = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => done(true))
    for (const event of ['timeout', 'error'] as const) socket.once(event, () => done(false))
  })
}
