/**
 * Stands in for an API server on 127.0.0.1:6443 of a network namespace: TLS under a CA, a client certificate asked for, and an answer as a file says.
 * argv: folder with ca.crt, client-ca.crt, server.crt, server.key, and `answer` (200, 500, or nothing: no answer at all).
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { TLSSocket } from 'node:tls'

const folder = process.argv[2] ?? ''
const read = (name: string) => readFileSync(`${folder}/${name}`, 'utf8')

createServer(
  { ca: read('client-ca.crt'), cert: read('server.crt'), key: read('server.key'), requestCert: true, rejectUnauthorized: false },
  (asked, answer) => {
    const status = Number(read('answer'))
    if (status === 0) return
    // no group, as system:masters would be: O is a client certificate's group
    const subject = (asked.socket as TLSSocket).getPeerCertificate().subject
    const mayAsk = (asked.socket as TLSSocket).authorized && subject?.O === undefined && asked.url === '/readyz'
    answer.writeHead(mayAsk ? status : 401).end()
  },
).listen(6443, '127.0.0.1', () => process.stdout.write('listening\n'))
