import { KeelError } from '../errors.ts'
import { type Connect, withConnection } from '../fleet/connect.ts'
import { targetOf } from '../fleet/target-of.ts'
import type { Host } from '../model/cluster.ts'
import { sh } from '../templates/shell-quote.ts'
import { type AdminCredentials, readAdminCredentials } from './admin-credentials.ts'

export interface Asked {
  readonly server: string
  readonly credentials: AdminCredentials
}

/**
 * The administrator's credentials from the first server that has them.
 * @param path of the administrator's kubeconfig on a server
 * @param onFault told of each server that was passed over
 * @throws KeelError the last server's fault, where no server has them
 */
export async function askServers(
  servers: readonly Host[],
  path: string,
  connect: Connect,
  onFault: (error: KeelError) => void,
  signal?: AbortSignal,
): Promise<Asked> {
  let last: KeelError | undefined
  for (const server of servers) {
    if (last !== undefined) onFault(last)
    try {
      return { server: server.name, credentials: await askOne(server, path, connect, signal) }
    } catch (error) {
      if (!(error instanceof KeelError)) throw error
      last = error
    }
  }
  throw last ?? new TypeError('a cluster without a server')
}

async function askOne(server: Host, path: string, connect: Connect, signal?: AbortSignal): Promise<AdminCredentials> {
  const { exitCode, stdout, stderr } = await withConnection(connect, targetOf(server), (transport) =>
    transport.run(sh`exec cat -- ${path}`, {
      name: 'read-kubeconfig',
      timeoutMs: 20_000,
      outputBytes: 256 << 10,
      ...(signal === undefined ? {} : { signal }),
    }),
  )
  if (exitCode === 0) return readAdminCredentials(stdout, server.name)
  throw new KeelError({
    code: 'kubeconfig-absent',
    at: server.name,
    // cat's words are about the path, and hold nothing of the file
    found: `no kubeconfig on this server: ${stderr.trim().slice(-200)}`,
    why: 'Kubernetes writes it when a server starts for the first time',
    todo: `run \`keel deploy ${server.name}\``,
  })
}
