import type { ClientCertificate } from './client-certificate.ts'

/**
 * One file for other programs: certificate, key, and the CAs of the agents, all in PEM. `curl` takes it as `--cert` and
 * as `--cacert`, Prometheus as `cert_file`, `key_file` and `ca_file`: each reads the blocks that it needs, the own
 * certificate first (curl(1), --cert; Go's tls.X509KeyPair).
 */
export function clientFile(
  { certificate, key }: ClientCertificate,
  { agentCa, serverCa }: { readonly agentCa: string; readonly serverCa: string | undefined },
): string {
  return [certificate, key, agentCa, ...(serverCa === undefined ? [] : [serverCa])]
    .map((pem) => `${pem.trimEnd()}\n`)
    .join('')
}
