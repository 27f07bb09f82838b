import { hostname, userInfo } from 'node:os'
import type { Role } from '../../agent/server/role.ts'
import { ExitCode, KeelError } from '../../errors.ts'
import { AGENT_CA_KEY } from '../../model/keel-agent/agent-ca.ts'
import type { AgentAccess, Patience } from '../../node-client/agent-connection.ts'
import { type ClientCertificate, clientCertificate } from '../../node-client/client-certificate.ts'
import type { AgentPlace } from '../../node-client/node-client.ts'
import type { Ca } from '../../secrets/pki/self-signed-ca.ts'
import type { InDirectory, Io } from '../shared/command.ts'
import { type HostsInput, selectHosts } from '../shared/select-hosts.ts'
import { openWorkspace, secretReader, type Workspace } from '../shared/workspace.ts'

export interface NodeInput extends InDirectory {
  readonly identity?: readonly string[]
}

/** Milliseconds that a certificate for one command is valid: it is in keel's memory alone. */
const LASTS = 10 * 60_000
/** Milliseconds of that after which keel makes another one. */
const RENEWED_AFTER = LASTS / 2
const PATIENCE: Patience = { start: 5_000, silence: 15_000, whole: 60_000 }

/** Asks the agents of hosts in the name of the user. */
export interface AgentAsker {
  readonly places: readonly AgentPlace[]
  /** With a certificate that is valid for some minutes. */
  access(): AgentAccess
}

/**
 * @throws KeelError `no-agent` (exit 2) for an inventory, or a host, without the keel-agent; `agent-ca`; and for a key
 * that can't be decrypted
 */
export async function agentAsker(input: NodeInput & HostsInput, role: Role, io: Io): Promise<AgentAsker> {
  const workspace = await openWorkspace(input, io, 'look')
  const { cluster } = workspace
  const hosts = selectHosts(cluster, input)
  const without = hosts.find(({ keelAgent }) => !keelAgent)
  if (without !== undefined && input.host.includes(without.name)) throw noAgent(`hosts/${without.name}`)
  const ca = await agentCaOf(workspace, input, io)
  const server = await workspace.store.caCertificate()
  const name = userOf()
  let client: ClientCertificate | undefined
  let made = 0
  return {
    places: hosts.filter(({ keelAgent }) => keelAgent).map((host) => ({ host, port: cluster.keelAgent?.port ?? 0 })),
    access() {
      const now = Date.now()
      if (client === undefined || now - made > RENEWED_AFTER) {
        client = clientCertificate(ca, { name, role, lasts: LASTS }, now)
        made = now
      }
      return {
        cas: { agentCa: ca.certificate, ...(server === undefined ? {} : { serverCa: server.pem }) },
        client,
        signal: io.signal,
        patience: PATIENCE,
      }
    },
  }
}

/** The CA with its key, decrypted in memory. */
export async function agentCaOf({ store }: Workspace, input: NodeInput, io: Io): Promise<Ca> {
  const certificate = await store.agentCaCertificate()
  if (certificate === undefined) throw noAgent('hosts/cluster')
  return { certificate, key: Buffer.from(await secretReader(store, input, io)(AGENT_CA_KEY)).toString() }
}

/** As the journals of the agents show it. A user without a name in the system has a number. */
export function userOf(): string {
  const user = () => {
    try {
      return userInfo().username
    } catch {
      return `${process.getuid?.() ?? 'user'}`
    }
  }
  return `${user()}@${hostname()}`.replace(/[^\w.@-]/g, '_').slice(0, 64)
}

function noAgent(at: string): KeelError {
  return new KeelError({
    code: 'no-agent',
    at,
    found: 'no `keelAgent`',
    todo: 'set `keelAgent: true` in hosts/cluster (`keel help keel-agent`), then `keel rekey` and `keel deploy`',
    exit: ExitCode.Usage,
  })
}
