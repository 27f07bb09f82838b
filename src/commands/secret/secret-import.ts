import { buffer } from 'node:stream/consumers'
import { placesOf } from '../../desired/distribution/places-of.ts'
import { ExitCode, KeelError } from '../../errors.ts'
import { withConnection } from '../../fleet/connect.ts'
import { targetOf } from '../../fleet/target-of.ts'
import type { Cluster, Host, SecretRule } from '../../model/cluster.ts'
import { joinTokensOf } from '../../model/distribution/distribution.ts'
import type { TokenFiles } from '../../model/distribution/places.ts'
import { parseToken, userOf } from '../../model/k3s/token.ts'
import { requireReaders } from '../../secrets/seal.ts'
import { sh } from '../../templates/shell-quote.ts'
import { type Command, directory, type InDirectory, type Io } from '../shared/command.ts'
import { type ConnectInput, connectOptions, connector } from '../shared/connector.ts'
import { openStoreFor } from '../shared/open-store.ts'
import { selectHost } from '../shared/select-hosts.ts'
import { storeValue } from './store-value.ts'

interface Input extends InDirectory, ConnectInput {
  readonly name: string
  readonly fromHost?: string
  readonly fromStdin?: boolean
}

export const importSecret: Command<Input> = {
  name: 'secret import <name>',
  summary: 'import the value of a secret: a k3s token from a running server, or a value from stdin',
  options: [
    {
      flags: '--from-host <host>',
      summary: 'read server/token or server/agent-token from this running server of the inventory',
    },
    { flags: '--from-stdin', summary: 'read the value from stdin' },
    directory,
    ...connectOptions,
  ],
  examples: [
    [
      'keel secret import k3s-server-token --from-host ocean',
      'read the token of a running cluster from its server ocean',
    ],
    ['keel secret import registry-password --from-stdin < password.txt', 'take the value from a file'],
  ],
  exits: [ExitCode.Locked, ExitCode.Unreachable],
  async run(input, io) {
    const store = await openStoreFor(input, io)
    const rule = store.rule(input.name)
    requireReaders([rule])
    const { fromHost, fromStdin = false } = input
    if ((fromHost === undefined) === !fromStdin) throw usage(fromStdin)
    const value =
      fromHost === undefined ? await buffer(io.stdin) : await fromServer(store.cluster, rule, fromHost, input, io)
    if (fromHost !== undefined && (await store.caCertificate()) !== undefined) refuseUnpinned(value, fromHost)
    await storeValue(store, rule, value, io)
    return ExitCode.Done
  },
}

async function fromServer(cluster: Cluster, rule: SecretRule, name: string, input: Input, io: Io): Promise<Buffer> {
  const which = whichToken(cluster, rule)
  const file = placesOf(cluster).tokens?.[which]
  if (file === undefined) throw noFile(cluster, rule)
  const host = selectHost(cluster, name)
  if (host.role !== 'server') throw notAServer(name)
  const connect = await connector(input, cluster, io)
  const { exitCode, stdout, stderr } = await withConnection(connect, targetOf(host), (transport) =>
    transport.run(sh`exec cat -- ${file}`, { name: 'read-token', signal: io.signal }),
  )
  if (exitCode !== 0) throw unread(host, file, stderr)
  if (which === 'agent' && userOf(stdout) === 'server') throw noAgentToken(host)
  return Buffer.from(stdout)
}

/**
 * k3s writes the pinned form on every server. A server that has another form was changed, and a node that joined with
 * it would not check the CA.
 */
function refuseUnpinned(value: Buffer, at: string): void {
  if (parseToken(value.toString()).kind === 'pinned') return
  throw new KeelError({
    code: 'import-unpinned',
    at,
    found: 'a token that does not name the CA, though secrets/server-ca.crt is known',
    why: 'k3s writes K10<hash>::… there; a node that joins with this token cannot tell a fake server from the real one',
    todo: 'name another server, and find out what has changed on this one',
  })
}

function whichToken(cluster: Cluster, rule: SecretRule): keyof TokenFiles {
  const { name } = rule
  const tokens = joinTokensOf(cluster.distribution)
  if (name === tokens?.serverToken) return 'server'
  if (name === tokens?.agentToken) return 'agent'
  throw noFile(cluster, rule)
}

function noFile({ distribution }: Cluster, { name, file }: SecretRule): KeelError {
  return new KeelError({
    code: 'import-what',
    at: file,
    found: `keel knows no file on a server that contains ${name}`,
    why:
      distribution.kind === 'k3s' && name === distribution.secrets.ca
        ? 'in a running cluster keel needs the CA key on no host: the other servers get it from the datastore'
        : 'keel can import only k3s-server-token and k3s-agent-token from a host',
    todo: `keel secret import ${name} --from-stdin < FILE`,
    exit: ExitCode.Usage,
  })
}

function usage(both: boolean): KeelError {
  return new KeelError({
    code: 'usage',
    found: both ? 'both --from-host and --from-stdin' : 'neither --from-host nor --from-stdin',
    todo: 'give one of --from-host HOST and --from-stdin; for an agenix repository use `keel init --from-agenix`',
    exit: ExitCode.Usage,
  })
}

function notAServer(at: string): KeelError {
  return new KeelError({
    code: 'import-host',
    at,
    found: 'an agent; tokens can only be read from a server',
    todo: 'name a running server of the inventory',
    exit: ExitCode.Usage,
  })
}

/** The text from cat is about a path; it contains nothing of the file. */
function unread({ name }: Host, file: string, stderr: string): KeelError {
  return new KeelError({
    code: 'import-unread',
    at: name,
    found: `${file} can't be read: ${stderr.trim().slice(-200)}`,
    todo: 'name a server on which k3s runs',
  })
}

/** Without an agent token, agents have the password of the servers (docs/k3s.md, Tokens). */
function noAgentToken({ name }: Host): KeelError {
  return new KeelError({
    code: 'import-agent-token',
    at: name,
    found: 'this cluster has no agent token of its own: server/agent-token is the server token',
    why: 'agents would have the token that makes a machine a server',
    todo: 'set a new value with `keel secret set k3s-agent-token` and deploy it to all servers; running agents continue, new ones join with it',
    exit: ExitCode.Usage,
  })
}
