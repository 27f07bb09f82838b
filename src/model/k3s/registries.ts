import * as z from 'zod'
import { ExitCode, KeelError } from '../../errors.ts'
import { parseCleanPath } from '../host-paths/host-file-path.ts'
import { once, parsed, strict } from '../schema/parsed.ts'
import { secretOnly } from '../secret-ref.ts'
import { refusedText } from '../text/refused-text.ts'
import { isHostAndPort } from './flag-kinds/texts.ts'
import { isGoRegexp } from './go-regexp.ts'

/** A text on one line, of visible letters. */
const line = parsed(parseLine)

/** k3s's registries.yaml (docs.k3s.io/installation/private-registry). Credentials are in it only as references. */
export const registriesSchema = strict({
  mirrors: z
    .record(
      parsed(parseMirrored),
      strict({
        endpoint: once(
          z.array(parsed(parseEndpoint)),
          (endpoint) => endpoint,
          'k3s asks each endpoint once',
        ).optional(),
        rewrite: z.record(parsed(parseRewrite), line).optional(),
      }),
    )
    .optional(),
  configs: z
    .record(
      parsed(parseRegistry),
      strict({
        auth: strict({
          username: line.optional(),
          password: secretOnly.optional(),
          auth: secretOnly.optional(),
          identity_token: secretOnly.optional(),
        }).optional(),
        tls: strict({
          cert_file: parsed(parseCleanPath).optional(),
          key_file: parsed(parseCleanPath).optional(),
          ca_file: parsed(parseCleanPath).optional(),
          insecure_skip_verify: z.boolean().optional(),
        })
          .superRefine(refuseHalfOfPair)
          .optional(),
      }),
    )
    .optional(),
})

/**
 * k3s writes `client = [["cert", "key"]]` into hosts.toml, with an empty text for a missing one (pkg/agent/templates).
 * containerd reads the empty text as the folder of hosts.toml, can't read it as a file, and pulls nothing from that
 * registry (core/remotes/docker/config, parseHostConfig and makeAbsPath).
 */
function refuseHalfOfPair(
  tls: { readonly cert_file?: string | undefined; readonly key_file?: string | undefined },
  context: z.RefinementCtx,
): void {
  const [given, missing] =
    tls.cert_file === undefined ? (['key_file', 'cert_file'] as const) : (['cert_file', 'key_file'] as const)
  if (tls[given] === undefined || tls[missing] !== undefined) return
  context.addIssue({
    code: 'custom',
    path: [given],
    message: `${given} without ${missing}`,
    params: {
      code: 'tls-pair',
      why: 'containerd needs a certificate and its key to log in; with only one it pulls nothing from this registry',
      todo: `add ${missing}; for one file with both, name it in both`,
    },
  })
}

type Registries = z.output<typeof registriesSchema>

/** The registries of a host: those of the cluster and its own. If both set the same one, the host's own applies. */
export function mergeRegistries(cluster: Registries | undefined, host: Registries | undefined): Registries | undefined {
  if (cluster === undefined || host === undefined) return host ?? cluster
  const mirrors = { ...cluster.mirrors, ...host.mirrors }
  const configs = { ...cluster.configs, ...host.configs }
  return {
    ...(cluster.mirrors === undefined && host.mirrors === undefined ? {} : { mirrors }),
    ...(cluster.configs === undefined && host.configs === undefined ? {} : { configs }),
  }
}

/**
 * The name with which names of images begin. k3s creates a folder of that name (pkg/agent/containerd, certs.d). `*`:
 * all registries.
 */
function parseMirrored(text: string): string {
  return text === '*' ? text : parseRegistry(text)
}

function parseRegistry(text: string): string {
  if (isHostAndPort(text)) return text
  const [, bare] = /^https?:\/\/([^/]+)\/?$/i.exec(text) ?? []
  const why = 'write a registry in the form that images use: docker.io, registry.example:5000'
  throw refusedText(
    'registry',
    text,
    'not a registry',
    why,
    bare !== undefined && isHostAndPort(bare) ? `write '${bare}'` : undefined,
  )
}

/**
 * A login in the URL would be a secret in plain text. The other rules are stricter than the grammar of URLs, because
 * parsers differ about blanks, backslashes and letters outside of ASCII (WHATWG removes or encodes them, Go refuses
 * them).
 */
function parseEndpoint(text: string): string {
  if (/^[^/]*\/\/[^/]*@/.test(text) || hasLogin(text)) {
    throw new KeelError({
      code: 'secret-in-clear',
      found: 'a URL with a login in it (not shown here)',
      todo: "put it into `configs`, with the password as { secret: 'NAME' }",
      exit: ExitCode.Usage,
    })
  }
  const [, place] = /^https?:\/\/([^/?#]+)(?:\/[A-Za-z0-9._~/%-]*)?$/.exec(text) ?? []
  if (place !== undefined && isHostAndPort(place) && !/%(?![0-9a-f]{2})/i.test(text)) return text
  throw refusedText('endpoint', text, 'not the URL of a registry', 'the form is https://mirror.example:5000')
}

function hasLogin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && (url.username !== '' || url.password !== '')
}

function parseRewrite(text: string): string {
  if (text !== '' && isGoRegexp(text)) return parseLine(text)
  throw refusedText('rewrite', text, 'not a regular expression of Go', 'write it like ^library/(.*)')
}

function parseLine(text: string): string {
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(text))
    throw refusedText('text', text, 'not a text on one line', 'it contains a control character')
  return text
}
