import { ExitCode, KeelError } from '../../errors.ts'
import { DISTRIBUTIONS, type DistributionKind } from '../../model/distribution/distribution.ts'
import { quote } from '../../model/names.ts'

/** The value of --distribution. @throws KeelError `usage` (exit 2) */
export function parseDistribution(given: string | undefined, otherwise: DistributionKind = 'k3s'): DistributionKind {
  const kind = given === undefined ? otherwise : DISTRIBUTIONS.find((known) => known === given)
  if (kind !== undefined) return kind
  throw new KeelError({
    code: 'usage',
    at: '--distribution',
    found: quote(given ?? ''),
    todo: `write one of ${DISTRIBUTIONS.join(', ')}`,
    exit: ExitCode.Usage,
  })
}
