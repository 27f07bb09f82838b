import { readFile } from 'node:fs/promises'
import { type ApiAccess, accessOf, type Source } from './kubeconfig.ts'

/** How to reach the API, with everything read. */
export interface Credentials {
  readonly server: URL
  readonly ca: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
  readonly token?: string
}

export interface Places {
  /** `KUBECONFIG`, where somebody has set it. */
  readonly environment?: string
  /** The one that keel writes. */
  readonly kubeconfig: string
  /** Where a Pod has the token of its ServiceAccount. */
  readonly serviceAccount: string
}

/**
 * The first credentials that are there, read anew: k3s renews certificates, and a token of a ServiceAccount lasts an
 * hour.
 * @returns undefined as long as there are none
 */
export async function readCredentials(places: Places): Promise<Credentials | undefined> {
  for (const path of [places.environment, places.kubeconfig]) {
    const access = path === undefined ? undefined : await readKubeconfig(path)
    const found = access === undefined ? undefined : await credentialsOf(access)
    if (found !== undefined) return found
  }
  const folder = places.serviceAccount
  return credentialsOf({
    // the name of the API for every Pod (kubernetes.io/docs/tasks/run-application/access-api-from-pod)
    server: new URL('https://kubernetes.default.svc'),
    ca: { file: `${folder}/ca.crt` },
    client: { kind: 'token', token: { file: `${folder}/token` } },
  })
}

async function readKubeconfig(path: string): Promise<ApiAccess | undefined> {
  const text = await bytesOf({ file: path })
  return text === undefined ? undefined : accessOf(text.toString(), path)
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
