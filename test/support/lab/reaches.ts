import { connect } from 'node:net'

/**
 * Whether somebody answers a TCP connection from this machine; a firewall that drops answers nothing within the second
 * that this waits.
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
