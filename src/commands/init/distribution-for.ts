import { ExitCode, KeelError } from '../../errors.ts'
import type { DistributionKind } from '../../model/distribution/distribution.ts'
import { parseDistribution } from '../shared/parse-distribution.ts'

interface Said {
  readonly distribution?: string
  readonly k3sVersion?: string
  readonly kubernetesVersion?: string
  readonly fromAgenix?: string
}

/**
 * The distribution of a new inventory.
 * @param lab that of the lab whose hosts the inventory gets
 * @throws KeelError `usage` (exit 2) for options that belong to the other one
 */
export function distributionFor(said: Said, lab?: DistributionKind): DistributionKind {
  const kind = parseDistribution(said.distribution, lab)
  if (lab !== undefined && kind !== lab)
    throw usage(`${kind} together with a lab for ${lab}`, `boot another lab: \`keel lab up --distribution ${kind}\``)
  const foreign =
    kind === 'k3s'
      ? ([['--kubernetes-version', said.kubernetesVersion]] as const)
      : ([
          ['--k3s-version', said.k3sVersion],
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
