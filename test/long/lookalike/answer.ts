import { request } from 'node:https'
import { TLSSocket } from 'node:tls'

export interface Asked {
  /** `user:password` for basic authentication. */
  readonly as?: string
  readonly certificate?: { readonly cert: string; readonly key: string }
  readonly method?: string
  readonly body?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly code: number
  readonly body: string
  /** The names in the server's certificate. */
  readonly names: string
}

/** What port 6443 of a host answers within 5 s; who it says it is does not count here. `code` 0: nothing. */
export function ask(
  ip: string,
  path: string,
  { as, certificate, method = 'GET', body, headers }: Asked = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const asking = request(
      {
        host: ip,
        port: 6443,
        path,
        method,
        auth: as ?? null,
        ...certificate,
        headers,
        rejectUnauthorized: false,
        agent: false,
        timeout: 5000,
      },
      (response) => {
        const names =
          response.socket instanceof TLSSocket ? (response.socket.getPeerCertificate().subjectaltname ?? '') : ''
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        response.on('end', () => resolve({ code: response.statusCode ?? 0, body: text, names }))
      },
    )
    const nothing = () => resolve({ code: 0, body: '', names: '' })
    asking.on('timeout', () => asking.destroy()).on('error', nothing)
    asking.end(body)
  })
}
