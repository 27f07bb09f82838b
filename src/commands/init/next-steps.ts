import type { Host } from '../../model/cluster.ts'
import type { DistributionKind } from '../../model/distribution/distribution.ts'
import { shellQuote } from '../../templates/shell-quote.ts'

/** What `keel init` has made, as far as the next commands depend on it. */
export interface Made {
  /** The folder of the inventory, relative to the current one; empty if it is the current one. */
  readonly folder: string
  readonly hosts: readonly Pick<Host, 'name' | 'hostKey' | 'firstServer'>[]
  readonly isPinned: boolean
  readonly isFromAgenix: boolean
  readonly distribution: { readonly kind: DistributionKind; readonly version: string }
}

type Step = readonly [command: string, what: string]

/** The commands that follow `keel init`, one on each line, with its purpose. */
export function describeNextSteps(made: Made): string {
  const steps = [...(made.folder === '' ? [] : [[`cd ${shellQuote(made.folder)}`, ''] as const]), ...stepsOf(made)]
  const width = Math.max(...steps.map(([command]) => command.length))
  const lines = steps.map(([command, what]) => `  ${what === '' ? command : `${command.padEnd(width)}  # ${what}`}`)
  return ['Next:', ...lines].join('\n')
}

function stepsOf({ hosts, isPinned, isFromAgenix, distribution }: Made): readonly Step[] {
  const pin = isPinned ? [] : [pinStep(distribution)]
  const plan: Step = ['keel plan', 'what a deploy would do']
  if (isFromAgenix)
    return [['keel rekey --check', 'what differs from secrets.nix'], ['keel rekey', 're-encrypt it'], ...pin, plan]
  const commit: Step = ['git init && git add . && git commit', 'the inventory lives in git']
  const deploy: readonly Step[] = hosts.some(({ hostKey }) => hostKey !== undefined)
    ? [plan, ['keel deploy', 'do it']]
    : []
  const withoutKey = hosts.filter(({ hostKey }) => hostKey === undefined)
  // the other hosts join the first server, and add-node deploys only hosts whose k3s is pinned
  const first = withoutKey.filter(({ firstServer }) => firstServer).map(addNode)
  const later = withoutKey.filter(({ firstServer }) => !firstServer).map(addNode)
  return [...pin, commit, ...first, ...deploy, ...later]
}

function pinStep({ kind, version }: Made['distribution']): Step {
  return kind === 'k3s'
    ? ['keel pin', "k3s's download URL and checksum"]
    : [`keel sysext build kubernetes ${version}`, 'its image, with the checksums of what is in it']
}

function addNode({ name }: Pick<Host, 'name'>): Step {
  return [`keel add-node ${name}`, 'when it is up: its key, then deploy']
}
