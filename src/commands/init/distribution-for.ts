import { ExitCode, KeelError } from '../../errors.ts'
import { DISTRIBUTIONS, type DistributionKind } from '../../model/distribution/distribution.ts'
import { quote } from '../../model/names.ts'

interface Said {
  readonly distribution?: string
  readonly k3sVersion?: string
  readonly kubernetesVersion?: string
  readonly lab?: string
  readonly fromAgenix?: string
}

/** The distribution of a new inventory. @throws KeelError `usage` (exit 2) for options that belong to the other one */
export function distributionFor(said: Said): DistributionKind {
  const kind = said.distribution === undefined ? 'k3s' : DISTRIBUTIONS.find((known) => known === said.distribution)
  if (kind === undefined) throw usage(quote(said.distribution ?? ''), `write one of ${DISTRIBUTIONS.join(', ')}`)
  const foreign =
    kind === 'k3s'
      ? ([['--kubernetes-version', said.kubernetesVersion]] as const)
      : ([
          ['--k3s-version', said.k3sVersion],
          ['--lab', said.lab],
          ['--from-agenix', said.fromAgenix],
        ] as const)
  const [wrong] = foreign.find(([, value]) => value !== undefined) ?? []
  if (wrong !== undefined)
    throw usage(`${kind} together with ${wrong}`, `leave out ${wrong}, or use the other distribution`)
  return kind
}

function usage(found: string, todo: string): KeelError {
  return new KeelError({ code: 'usage', at: '--distribution', found, todo, exit: ExitCode.Usage })
}
