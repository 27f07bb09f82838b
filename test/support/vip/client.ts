/**
 * A client of the cluster's address. It requests /readyz every 50 ms, each time over a new connection, and prints a
 * line of JSON for each answer or failure. It runs in the network namespace of a host. argv: address, folder with ca,
 * certificate and key, then the servers' own addresses.
 */
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import type { TLSSocket } from 'node:tls'

/**
 * When the attempt began (ms since 1970), whether the API was ready, and which server answered, by the address in its
 * certificate.
 */
export interface Attempt {
  readonly at: number
  readonly ready: boolean
  readonly by?: string
}

const [address = '', folder = '', ...servers] = process.argv.slice(2)
const trust = { ca: read('ca'), cert: read('certificate'), key: read('key') }
setInterval(attempt, 50)

function attempt(): void {
  const at = Date.now()
  const tell = (answer: Omit<Attempt, 'at'>) => process.stdout.write(`${JSON.stringify({ at, ...answer })}\n`)
  const asked = request(
    { host: address, port: 6443, path: '/readyz', agent: false, signal: AbortSignal.timeout(1000), ...trust },
    (answer) => {
      const names = (answer.socket as TLSSocket).getPeerCertificate().subjectaltname ?? ''
      const by = servers.find((server) => names.split(', ').includes(`IP Address:${server}`))
      answer.resume()
      tell({ ready: answer.statusCode === 200, ...(by === undefined ? {} : { by }) })
    },
  )
  asked.on('error', () => tell({ ready: false }))
  asked.end()
}

function read(name: string): string {
  return readFileSync(`${folder}/${name}`, 'utf8')
}
