import { k3sAccess, k3sPast, k3sPlaces } from '../../desired/distribution/k3s/access.ts'
import { KeelError } from '../../errors.ts'
import { withConnection } from '../../fleet/connect.ts'
import { loginOf, portOf } from '../../inventory/settings.ts'
import { parseSshAddress } from '../../model/addresses/ssh-address.ts'
import { DEFAULT_VERSION, parseK3sVersion } from '../../model/k3s/k3s-version.ts'
import { parseRecipient } from '../../model/keys/recipient.ts'
import { parseSshPublicKey } from '../../model/keys/ssh-key.ts'
import { quote } from '../../model/names.ts'
import type { HostInput } from '../../model/schema/input.ts'
import { distributionRun } from '../../probes/distribution/distribution-run.ts'
import { pastVersion, seenPast } from '../../probes/distribution/seen-past.ts'
import { hostSystem } from '../../probes/host/host-system.ts'
import { nodeMarks } from '../../probes/node/node-marks.ts'
import { runningNode } from '../../probes/node/running-node.ts'
import type { Transport } from '../../ssh/transport.ts'
import type { Io } from '../shared/command.ts'
import { connector } from '../shared/connector.ts'
import type { NewInventory } from './new-inventory.ts'
import { type Running, type TakenHost, takeOverRunning } from './take-over-running.ts'

/** keel does not wait long for a host that does not answer. It asks the user instead. */
const SECONDS = 20

/**
 * Asks each host of a running cluster about itself, over SSH with the key from secrets.nix, and changes nothing. If no
 * host answers a question, it becomes an open question in the files of the inventory.
 */
export async function withWhatRuns(
  told: NewInventory,
  guesses: ReadonlyMap<string, readonly string[]>,
  input: { readonly identity?: readonly string[]; readonly k3sVersion?: string },
  io: Io,
): Promise<NewInventory> {
  const answers = await askHosts(told, input, io)
  const questions = new Map<string, readonly string[]>()
  const hosts = new Map<string, HostInput>()
  const taken: TakenHost[] = []
  for (const [name, host] of told.hosts) {
    const answer = answers.get(name)
    const found = typeof answer === 'object' ? takeOverRunning(name, host, answer) : undefined
    if (found !== undefined) taken.push(found)
    hosts.set(name, found?.host ?? host)
    const open =
      found === undefined
        ? [
            `not asked (${answer}): are role and Node name right? Copy nodeIP, labels, taints and every flag from its k3s module`,
            ...(guesses.get(name) ?? []),
          ]
        : found.questions
    if (open.length > 0) questions.set(`hosts/${name}/host.ts`, open)
  }
  const servers = taken.filter(({ host }) => host.role === 'server')
  const [server] = servers
  const version = versionOf(taken, input.k3sVersion)
  const ofCluster = [
    ...(server === undefined
      ? [
          'no server was asked: add datastore (sqlite if k3s runs without --cluster-init), networks, and the flags that all servers share',
        ]
      : []),
    ...(version === undefined && input.k3sVersion === undefined
      ? [`version: no host answered which version runs; ${DEFAULT_VERSION} is keel's default`]
      : []),
    ...(new Set(taken.map(({ version }) => version)).size > 1 ? ['version: the hosts run different versions'] : []),
  ]
  if (ofCluster.length > 0) questions.set('hosts/cluster.ts', ofCluster)
  for (const [file, open] of questions) for (const question of open) io.note(`open question: ${file}: ${question}`)
  const { k3s = {}, ...cluster } = server?.cluster ?? {}
  return { ...told, hosts, version: version ?? told.version, k3s, cluster, questions }
}

function versionOf(taken: readonly TakenHost[], said: string | undefined): string | undefined {
  if (said !== undefined) return said
  const found = taken.find(({ host, version }) => host.role === 'server' && version !== undefined) ?? taken[0]
  try {
    return found?.version === undefined ? undefined : parseK3sVersion(found.version)
  } catch (error) {
    if (error instanceof KeelError) return undefined
    throw error
  }
}

/** By name: the answer of a host, or why there is none. */
async function askHosts(
  { hosts, admins }: NewInventory,
  input: { readonly identity?: readonly string[] },
  io: Io,
): Promise<ReadonlyMap<string, Running | string>> {
  const signal = AbortSignal.any([io.signal, AbortSignal.timeout(SECONDS * 1000)])
  const people = Object.entries(admins).map(([name, key]) => ({ name, key: parseRecipient(key) }))
  const connect = await connector(
    input,
    { admins: people, hosts: [] },
    Object.create(io, { signal: { value: signal } }),
  ).catch((error: unknown) => {
    // a key that decrypts may not be able to log in
    if (error instanceof KeelError) return quote(error.found).slice(1, -1)
    throw error
  })
  if (typeof connect === 'string') return new Map([...hosts.keys()].map((name) => [name, connect]))
  const ask = async ([name, host]: readonly [string, HostInput]): Promise<readonly [string, Running | string]> => {
    try {
      if (host.hostKey === undefined) return [name, 'no host key']
      const written = parseSshAddress(String(host.address))
      const address = {
        user: loginOf(written, undefined, host.os ?? 'nixos'),
        host: written.host,
        port: portOf(written, undefined),
      }
      const target = { name, address, hostKey: parseSshPublicKey(host.hostKey) }
      return [name, await withConnection(connect, target, (transport) => askOne(transport, signal))]
    } catch (error) {
      io.signal.throwIfAborted()
      if (signal.aborted) return [name, `no answer within ${SECONDS} s`]
      if (error instanceof KeelError) return [name, quote(error.found).slice(1, -1)]
      throw error
    }
  }
  return new Map(await Promise.all([...hosts].map(ask)))
}

async function askOne(transport: Transport, signal: AbortSignal): Promise<Running> {
  const run = async (script: string) => (await transport.run(script, { name: 'look-around', signal })).stdout
  const system = hostSystem.parse(await run(hostSystem.script()))
  const data = {
    ...seenPast.parse(await run(seenPast.script(k3sPast))),
    ...pastVersion.parse(await run(pastVersion.script(k3sPast))),
  }
  const unit = system.id === 'nixos' || data.server ? 'k3s.service' : 'k3s-agent.service'
  const running = distributionRun.parse(await run(distributionRun.script({ unit, past: k3sPast, places: k3sPlaces })))
  const hostName = (await run('uname -n')).trim().toLowerCase()
  const nodeName = running.configured['node-name']?.at(-1) ?? hostName
  const node = runningNode(await run(nodeMarks.script({ access: k3sAccess, name: nodeName })))
  return { nodeName, system, data, run: running, ...(node === undefined ? {} : { node }) }
}
