import * as z from 'zod'
import { once, oneOrMany, parsed, strict } from '../schema/parsed.ts'
import { secretOnly } from '../secret-ref.ts'
import {
  parseComponent,
  parseCores,
  parseHostPath,
  parseMemory,
  parsePackagePattern,
  parseProgramPattern,
  parseRepositoryName,
  parseRepositoryUri,
  parseRepositoryUser,
  parseSignedBy,
  parseSuite,
} from './parse-settings.ts'

const same = (text: string) => text

/** What a user may write in `systemdKubelet`, of a host and of the cluster. */
export const systemdKubeletSchema = strict({
  packages: once(z.array(parsed(parsePackagePattern)), same, 'it is allowed already').optional(),
  programs: once(z.array(parsed(parseProgramPattern)), same, 'it is allowed already').optional(),
  repositories: z
    .record(
      parsed(parseRepositoryName),
      strict({
        uris: oneOrMany(parsed(parseRepositoryUri)),
        suites: oneOrMany(parsed(parseSuite)),
        components: oneOrMany(parsed(parseComponent)).optional(),
        signedBy: parsed(parseSignedBy),
        login: strict({ user: parsed(parseRepositoryUser), password: secretOnly }).optional(),
      }).superRefine(refuseHalfOfSource),
    )
    .optional(),
  hostPaths: z.record(parsed(parseHostPath), z.enum(['read-only', 'read-write'])).optional(),
  reserve: strict({ cpu: parsed(parseCores).optional(), memory: parsed(parseMemory).optional() }).optional(),
})

/** apt refuses the whole file otherwise (sources.list(5): a suite that ends in `/` has no components, and others need one). */
function refuseHalfOfSource(
  source: { readonly suites: readonly string[]; readonly components?: readonly string[] | undefined },
  context: z.RefinementCtx,
): void {
  const folders = source.suites.filter((suite) => suite.endsWith('/'))
  const hasComponents = (source.components ?? []).length > 0
  if (hasComponents ? folders.length === 0 : folders.length === source.suites.length && folders.length > 0) return
  context.addIssue({
    code: 'custom',
    path: [hasComponents ? 'components' : 'suites'],
    message: hasComponents ? 'components with a folder as suite' : 'a suite without components',
    params: {
      code: 'repository-suite',
      why: 'a suite has components, and a folder (with / at its end) has none',
      todo: hasComponents
        ? 'remove the components, or the / of the suite'
        : "add components: ['main'], or / to the suite",
    },
  })
}
