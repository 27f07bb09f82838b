import * as z from 'zod'
import { ExitCode, KeelError } from '../errors.ts'
import { quote } from './names.ts'
import { parsed, strict } from './parsed.ts'
import { secretOnly } from './secret-ref.ts'

/** k3s's registries.yaml (docs.k3s.io/installation/private-registry); what logs in stands there as a reference only. */
export const registriesSchema = strict({
  mirrors: z
    .record(
      z.string().min(1),
      strict({
        endpoint: z.array(parsed(parseEndpoint)).optional(),
        rewrite: z.record(z.string(), z.string()).optional(),
      }),
    )
    .optional(),
  configs: z
    .record(
      z.string().min(1),
      strict({
        auth: strict({
          username: z.string().optional(),
          password: secretOnly.optional(),
          auth: secretOnly.optional(),
          identity_token: secretOnly.optional(),
        }).optional(),
        tls: strict({
          cert_file: z.string().optional(),
          key_file: z.string().optional(),
          ca_file: z.string().optional(),
          insecure_skip_verify: z.boolean().optional(),
        }).optional(),
      }),
    )
    .optional(),
})

type Registries = z.output<typeof registriesSchema>

/** What a host gets: the cluster's and its own, and its own alone of what both say something about. */
export function mergeRegistries(cluster: Registries | undefined, host: Registries | undefined): Registries | undefined {
  if (cluster === undefined || host === undefined) return host ?? cluster
  const mirrors = { ...cluster.mirrors, ...host.mirrors }
  const configs = { ...cluster.configs, ...host.configs }
  return {
    ...(cluster.mirrors === undefined && host.mirrors === undefined ? {} : { mirrors }),
    ...(cluster.configs === undefined && host.configs === undefined ? {} : { configs }),
  }
}

/** A login in the URL would be a secret in clear. */
function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.username || url?.password) {
    throw new KeelError({
      code: 'secret-in-clear',
      found: 'a URL with a login in it (not shown here)',
      todo: "put it into `configs`, with the password as { secret: 'NAME' }",
      exit: ExitCode.Usage,
    })
  }
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text
  throw new KeelError({
    code: 'endpoint',
    found: `${quote(text)} is no URL of a registry`,
    why: 'it reads https://mirror.example:5000',
    exit: ExitCode.Usage,
  })
}
