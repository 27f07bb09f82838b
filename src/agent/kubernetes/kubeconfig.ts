import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import * as z from 'zod'

/** A file to read, or the bytes themselves. */
export type Source = { readonly file: string } | { readonly bytes: Buffer }

/** How to reach an API server and as whom, before anything is read. */
export interface ApiAccess {
  readonly server: URL
  readonly ca: Source
  readonly client:
    | { readonly kind: 'certificate'; readonly certificate: Source; readonly key: Source }
    | { readonly kind: 'token'; readonly token: Source }
}

const text = z.string().min(1)

/** kubernetes.io/docs/reference/config-api/kubeconfig.v1: as much of it as a program without plugins needs. */
const kubeconfigSchema = z.looseObject({
  'current-context': text,
  contexts: z.array(z.looseObject({ name: text, context: z.looseObject({ cluster: text, user: text }) })),
  clusters: z.array(
    z.looseObject({
      name: text,
      cluster: z.looseObject({
        server: z.url({ protocol: /^https$/ }),
        'certificate-authority': text.optional(),
        'certificate-authority-data': text.optional(),
        // a server that nobody verifies could be anybody's
        'insecure-skip-tls-verify': z.literal(false).optional(),
      }),
    }),
  ),
  users: z.array(
    z.looseObject({
      name: text,
      user: z.looseObject({
        'client-certificate': text.optional(),
        'client-certificate-data': text.optional(),
        'client-key': text.optional(),
        'client-key-data': text.optional(),
        token: text.optional(),
        tokenFile: text.optional(),
      }),
    }),
  ),
})

/**
 * What the current context of a kubeconfig means.
 * @param path of the file: the paths in it are relative to its folder
 * @returns undefined for a file that is none, or that would not verify the server
 */
export function accessOf(contents: string, path: string): ApiAccess | undefined {
  const config = kubeconfigSchema.safeParse(yamlOf(contents)).data
  const context = config?.contexts.find(({ name }) => name === config['current-context'])?.context
  const cluster = config?.clusters.find(({ name }) => name === context?.cluster)?.cluster
  const user = config?.users.find(({ name }) => name === context?.user)?.user
  if (cluster === undefined || user === undefined) return undefined
  const source = (data: string | undefined, file: string | undefined): Source | undefined => {
    if (data !== undefined) return { bytes: Buffer.from(data, 'base64') }
    return file === undefined ? undefined : { file: resolve(dirname(path), file) }
  }
  const ca = source(cluster['certificate-authority-data'], cluster['certificate-authority'])
  const certificate = source(user['client-certificate-data'], user['client-certificate'])
  const key = source(user['client-key-data'], user['client-key'])
  // a file of a token is renewed, so it counts before a token in the text, as in kubectl
  const token =
    source(undefined, user.tokenFile) ?? (user.token === undefined ? undefined : { bytes: Buffer.from(user.token) })
  const client =
    certificate !== undefined && key !== undefined
      ? ({ kind: 'certificate', certificate, key } as const)
      : token !== undefined
        ? ({ kind: 'token', token } as const)
        : undefined
  return ca === undefined || client === undefined ? undefined : { server: new URL(cluster.server), ca, client }
}

function yamlOf(contents: string): unknown {
  try {
    // no aliases: a few lines of them are gigabytes
    return parse(contents, { maxAliasCount: 0 })
  } catch {
    return undefined
  }
}
