import { setTimeout as sleep } from 'node:timers/promises'
import type { Credentials } from '../agent/kubernetes/credentials.ts'
import type { Log } from '../agent/log.ts'
import type { HostName } from '../model/brands.ts'
import type { PodsOfNode } from './api/pods-of-node.ts'
import type { Issuer } from './credentials/issuer.ts'
import { credentialsOf, keepCredentials } from './credentials/keep-credentials.ts'
import { type CredentialPaths, KeptCredentials } from './credentials/kept-credentials.ts'
import { lookAt } from './host/look-at.ts'
import { type ExecFolders, removeCommands } from './host/run-in-container.ts'
import { gate } from './server/gate.ts'
import { kubeletOf } from './server/kubelet-of.ts'
import { serveKubelet } from './server/serve-kubelet.ts'

interface Wanted {
  readonly node: HostName
  /** Of this Node: the certificate to serve with has them. */
  readonly addresses: readonly string[]
  readonly port: number
  readonly issuer: Issuer
  readonly folders: ExecFolders
  readonly paths: CredentialPaths
  readonly pods: PodsOfNode
  readonly log: Log
  readonly signal: AbortSignal
}

export interface ServedNode {
  /** The credentials of this Node, for each question to the API server anew. Fails until there are some. */
  readonly read: () => Promise<Credentials>
  /** Ends by the signal alone, with its reason, when the port is free again. */
  readonly ended: Promise<never>
}

/** Milliseconds between two looks whether the certificate has ended: one that has is not shown. */
const LOOK_AGAIN = 10_000

/**
 * Serves the API of a kubelet, and keeps the certificates of this Node. It listens at once, and lets nobody in until it has
 * a certificate.
 * @throws KeelError `vkubelet-listen` where the port can't be had
 */
export async function serveNode(wanted: Wanted): Promise<ServedNode> {
  const { node, addresses, port, issuer, folders, paths, pods, log, signal } = wanted
  const kept = new KeptCredentials(paths)
  await kept.read()
  await removeCommands(folders)
  const read = credentialsOf(issuer, kept)
  const view = { name: node, pods: () => pods.objects ?? [], unit: (name: string) => lookAt(folders, name) }
  const server = await serveKubelet({
    identity: kept.identity,
    port,
    mayAsk: gate({ read, node }),
    answers: kubeletOf({ view, folders, log }),
    log,
  })
  const changed = () => server.renew(kept.identity)
  const keeping = Promise.race([
    keepCredentials({ node, addresses, issuer, kept, log, signal, changed }),
    keepShown(changed, signal),
  ])
  return { read, ended: keeping.finally(() => server.close()) }
}

async function keepShown(changed: () => void, signal: AbortSignal): Promise<never> {
  for (;;) {
    await sleep(LOOK_AGAIN, undefined, { signal })
    changed()
  }
}
