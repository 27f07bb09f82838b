import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { accessOf } from '../desired/distribution/access-of.ts'
import { ExitCode, KeelError } from '../errors.ts'
import { endOf } from '../kubeconfig/admin-credentials.ts'
import { type Asked, askServers } from '../kubeconfig/ask-servers.ts'
import { apiForAdmins, type Entry, userName } from '../kubeconfig/kubeconfig.ts'
import { changeKubeconfig, defaultKubeconfig } from '../kubeconfig/kubeconfig-file.ts'
import { type Merged, mergedInto } from '../kubeconfig/merge.ts'
import { serversOf } from '../model/servers-of.ts'
import { caHash, isVouchedFor } from '../secrets/pki/server-ca.ts'
import type { Store } from '../secrets/store.ts'
import { type Command, directory, type InDirectory, type Io } from './shared/command.ts'
import { complainOf } from './shared/complain-of.ts'
import { type ConnectInput, connectOptions, connector } from './shared/connector.ts'
import { openWorkspace } from './shared/workspace.ts'

interface Input extends InDirectory, ConnectInput {
  readonly merge?: boolean
  readonly out?: string
  readonly name?: string
}

export const kubeconfig: Command<Input> = {
  name: 'kubeconfig',
  summary: "print an administrator's kubeconfig of the cluster, or add it to your own",
  options: [
    {
      flags: '--merge',
      summary: 'add it to ~/.kube/config (or KUBECONFIG, or --out), and make it the current context',
    },
    { flags: '--out <file>', summary: 'write it to this file, for its owner alone (0600)' },
    {
      flags: '--name <name>',
      summary: 'what kubectl calls the cluster (default: its name in the inventory); its context is admin@NAME',
    },
    directory,
    ...connectOptions,
  ],
  examples: [
    ['keel kubeconfig --merge', 'add the cluster to ~/.kube/config and make it the current context'],
    ['keel kubeconfig --out mercury.yaml', 'write a file of its own'],
  ],
  exits: [[ExitCode.Locked, 'another program is changing the kubeconfig'], ExitCode.Unreachable],
  async run(input, io) {
    const { cluster, store } = await openWorkspace(input, io, 'look')
    const name = input.name ?? cluster.name
    const asked = await askServers(
      serversOf(cluster),
      accessOf(cluster).admin,
      await connector(input, cluster, io),
      (fault) => complainOf(fault, io),
      io.signal,
    )
    await refuseOtherCa(store, asked, io)
    const entry: Entry = { name, server: apiForAdmins(cluster), credentials: asked.credentials }
    const ends = endOf(asked.credentials).toISOString().slice(0, 10)
    const file = fileOf(input, io)
    if (file === undefined) {
      // for a pipe: kubectl reads it as it is
      io.stdout.write(mergedInto('stdout', undefined, entry).text)
    } else {
      const { before } = write(file, input.merge === true, entry)
      io.note(
        `${file}: context ${userName(entry)}, ${entry.server}${before === undefined ? '' : `; the current context was ${before}`}`,
      )
    }
    io.note(`its certificate ends on ${ends}; get a new one with the same command`)
    return ExitCode.Done
  },
}

function fileOf({ merge, out }: Input, io: Io): string | undefined {
  if (out !== undefined) return resolve(io.cwd, out)
  return merge === true ? resolve(io.cwd, defaultKubeconfig(io.env, io.env.HOME ?? homedir())) : undefined
}

function write(file: string, merges: boolean, entry: Entry): Merged {
  let merged: Merged = { text: '' }
  changeKubeconfig(file, (text) => {
    if (text !== undefined && !merges) throw exists(file)
    merged = mergedInto(file, text, entry)
    return merged.text
  })
  return merged
}

function exists(at: string): KeelError {
  return new KeelError({
    code: 'kubeconfig-exists',
    at,
    found: 'the file is there already',
    todo: 'add the cluster to it with --merge, or name another file',
    exit: ExitCode.Usage,
  })
}

/** A server that shows another CA is not this cluster's: who has its credentials would be asked by it for secrets. */
async function refuseOtherCa(store: Store, { server, credentials }: Asked, io: Io): Promise<void> {
  const known = await store.caCertificate()
  if (known === undefined) {
    io.note(`warning: the CA of ${server} was not compared: this inventory has no secrets/server-ca.crt`)
    return
  }
  const ca = Buffer.from(credentials.ca, 'latin1')
  if (caHash(ca) === known.hash && isVouchedFor(ca, Buffer.from(known.pem))) return
  throw new KeelError({
    code: 'kubeconfig-ca',
    at: server,
    found: 'the CA in its kubeconfig is not the one in secrets/server-ca.crt',
    why: 'this server belongs to another cluster, or its CA was replaced',
    todo: "check the server's address in the inventory; after a rotation of the CA put the new certificate into secrets/server-ca.crt",
  })
}
