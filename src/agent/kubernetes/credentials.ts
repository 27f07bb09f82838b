import { readFile } from 'node:fs/promises'
import type { Agent } from 'node:https'
import { type ApiAccess, accessOf, type Source } from './kubeconfig.ts'

/** How to reach the API, with everything read. */
export interface Credentials {
  readonly server: URL
  readonly ca: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
  readonly token?: string
  /** Keeps connections for the next questions. Absent: each question has its own. */
  readonly connections?: Agent
}

export interface Places {
  /** `KUBECONFIG`, where somebody has set it. */
  readonly environment?: string
  /** The one that keel writes. */
  readonly kubeconfig: string
  /** Where a Pod has the token of its ServiceAccount. */
  readonly serviceAccount: string
}

/** What was found in the places. */
interface Found {
  /** Absent as long as there are none. */
  readonly credentials?: Credentials
  /** A kubeconfig that is there and that was passed over, and why. */
  readonly unusable?: string
}

/**
 * The first credentials that are there, read anew: k3s and kubelets renew certificates, and a token of a ServiceAccount
 * lasts an hour.
 */
export async function readCredentials(places: Places): Promise<Found> {
  const unusable: string[] = []
  for (const path of [places.environment, places.kubeconfig]) {
    const access = path === undefined ? undefined : await readKubeconfig(path)
    if (access === 'unusable') unusable.push(`${path} is no kubeconfig that the agent can use`)
    if (access === undefined || access === 'unusable') continue
    const found = await credentialsOf(access)
    if (found !== undefined) return { credentials: found, ...told(unusable) }
    unusable.push(`${path} refers to credentials that are not there`)
  }
  const folder = places.serviceAccount
  const credentials = await credentialsOf({
    // the name of the API for every Pod (kubernetes.io/docs/tasks/run-application/access-api-from-pod)
    server: new URL('https://kubernetes.default.svc'),
    ca: { file: `${folder}/ca.crt` },
    client: { kind: 'token', token: { file: `${folder}/token` } },
  })
  return { ...(credentials === undefined ? {} : { credentials }), ...told(unusable) }
}

function told(unusable: readonly string[]): Pick<Found, 'unusable'> {
  return unusable.length === 0 ? {} : { unusable: unusable.join('; ') }
}

async function readKubeconfig(path: string): Promise<ApiAccess | 'unusable' | undefined> {
  const text = await bytesOf({ file: path })
  return text === undefined ? undefined : (accessOf(text.toString(), path) ?? 'unusable')
}

async function credentialsOf({ server, ca, client }: ApiAccess): Promise<Credentials | undefined> {
  const authority = await bytesOf(ca)
  if (authority === undefined) return undefined
  if (client.kind === 'token') {
    const token = (await bytesOf(client.token))?.toString().trim()
    return token === undefined || token === '' ? undefined : { server, ca: authority, token }
  }
  const [cert, key] = await Promise.all([bytesOf(client.certificate), bytesOf(client.key)])
  return cert === undefined || key === undefined ? undefined : { server, ca: authority, cert, key }
}

async function bytesOf(source: Source): Promise<Buffer | undefined> {
  return 'bytes' in source ? source.bytes : readFile(source.file).catch(() => undefined)
}
