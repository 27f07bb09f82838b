import { ExitCode, KeelError } from '../errors.ts'

/** OpenSSL's and node's names for a chain that ends at no CA that keel gave. */
const OTHER_CA = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
]

/** Thrown where TLS has accepted a certificate and keel does not. */
export class NotTheAgent extends Error {}

/**
 * Why a host's agent gave no answer, from what a connection has thrown.
 * @param hasShown it had shown that it is this node's agent before
 */
export function agentFailure(host: string, error: unknown, hasShown: boolean): KeelError {
  const code = error instanceof Error && 'code' in error ? `${error.code}` : ''
  if (error instanceof NotTheAgent) return untrusted(host, error.message)
  if (OTHER_CA.includes(code)) return untrusted(host, 'a certificate of another CA')
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return untrusted(
      host,
      code === 'CERT_HAS_EXPIRED' ? 'a certificate that has expired' : 'a certificate that is not valid yet',
      'check the clocks of the host and of this machine; `keel deploy` gives the agent a new certificate',
    )
  if (code === 'EPROTO' || code === 'ERR_SSL_NO_PROTOCOLS_AVAILABLE') return untrusted(host, 'no TLS 1.3')
  if (hasShown && code.startsWith('HPE_')) return wrongAnswer(host, `an answer that is no HTTP (${code})`)
  if (hasShown && (code === 'ECONNRESET' || code.startsWith('ERR_SSL_')))
    return failure('agent-refused', host, `the agent does not accept keel’s certificate (${code})`, {
      why: 'it closed the connection: it believes another CA, or a clock is wrong',
      todo: '`keel deploy` brings the CA of this inventory to the host',
    })
  return failure('agent-unreachable', host, `the keel-agent does not answer (${code || messageOf(error)})`, {
    why: 'the host is off, a firewall drops the port, or the agent does not run',
    todo: `look with \`keel ssh ${host} -- systemctl status keel-agent\``,
    exit: ExitCode.Unreachable,
  })
}

function untrusted(
  host: string,
  found: string,
  todo = 'check whether this is the right machine; `keel deploy` gives the agent a certificate of this inventory',
): KeelError {
  return failure('agent-untrusted', host, `the host shows ${found}`, {
    why: 'keel asked it nothing, because another program may answer in its place',
    todo,
  })
}

/** An answer that no agent gives. */
export function wrongAnswer(host: string, found: string): KeelError {
  return failure('agent-answer', host, found, {
    why: 'keel ignores such an answer',
    todo: 'check whether keel and the agent have the same version: `keel plan`',
  })
}

/** The connection ended before the agent said that it was done. */
export function brokeOff(host: string): KeelError {
  return failure('agent-unreachable', host, 'the connection to the keel-agent broke off', {
    todo: 'run the command again',
    exit: ExitCode.Unreachable,
  })
}

/** The agent began its answer, and did not end it in time. */
export function tooSlow(host: string): KeelError {
  return failure('agent-unreachable', host, 'the keel-agent began an answer and did not end it in time', {
    why: 'the host is overloaded, or the agent hangs',
    todo: `look with \`keel ssh ${host} -- systemctl status keel-agent\``,
    exit: ExitCode.Unreachable,
  })
}

/** What the agent itself refused. */
export function refusedByAgent(host: string, status: number, message: string): KeelError {
  return failure('agent-refused', host, `the agent refused it (${status}): ${message}`, {
    todo: 'the journal of the agent says more: `keel logs --unit keel-agent`',
  })
}

function failure(
  code: string,
  at: string,
  found: string,
  more: { readonly why?: string; readonly todo: string; readonly exit?: ExitCode },
): KeelError {
  return new KeelError({ code, at, found, ...more })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no reason'
}
