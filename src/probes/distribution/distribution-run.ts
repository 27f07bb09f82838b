import type { Past } from '../../model/distribution/past.ts'
import type { Places } from '../../model/distribution/places.ts'
import type { Probe } from '../../model/probe.ts'
import { type K3sSettings, k3sSettings } from './k3s-settings.ts'
import { type RunningProgram, runningProgram } from './running-program.ts'

/** What the distribution runs with on a host. */
export interface DistributionRun extends RunningProgram, K3sSettings {}

interface RunQuestion {
  /** Of the service that runs Kubernetes' node. */
  readonly unit: string
  readonly past: Past
  readonly places: Places
}

/** Which program runs, and what it was started with: the latter is a question that only k3s has. */
export const distributionRun: Probe<RunQuestion, DistributionRun> = {
  name: 'run',
  script: ({ unit, past: { version }, places }) =>
    [runningProgram.script({ unit, version }), k3sSettings.script({ unit, places })].join('\n'),
  parse: (stdout) => ({ ...runningProgram.parse(stdout), ...k3sSettings.parse(stdout) }),
}
