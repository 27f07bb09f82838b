/**
 * A stand-in for an API server on port 6443 of a network namespace. It uses TLS under a CA, asks for a client
 * certificate, and gives the answer that a file contains. It prints the status of each answer, and the client. argv:
 * folder with ca.crt, client-ca.crt, server.crt, server.key, and `answer` (200, 500, or nothing: no answer at all);
 * then the address to listen on, 127.0.0.1 by default.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { TLSSocket } from 'node:tls'

const [folder = '', address = '127.0.0.1'] = process.argv.slice(2)
const read = (name: string) => readFileSync(`${folder}/${name}`, 'utf8')

createServer(
  {
    ca: read('client-ca.crt'),
    cert: read('server.crt'),
    key: read('server.key'),
    requestCert: true,
    rejectUnauthorized: false,
  },
  (asked, answer) => {
    const status = Number(read('answer'))
    if (status === 0) return
    // the certificate has no group (such as system:masters): O is the group of a client certificate
    const subject = (asked.socket as TLSSocket).getPeerCertificate().subject
    const mayAsk = (asked.socket as TLSSocket).authorized && subject?.O === undefined && asked.url === '/readyz'
    const told = mayAsk ? status : 401
    answer.writeHead(told).end()
    process.stdout.write(`${told} ${subject?.CN}\n`)
  },
).listen(6443, address, () => process.stdout.write('listening\n'))
