import type { Event } from '../deploy/event.ts'
import { type HostOutcome, outcomeOf } from '../deploy/host-outcome.ts'
import { ExitCode } from '../errors.ts'
import { counted } from '../model/text/counted.ts'
import { type StyledText, styled } from '../model/text/styled-text.ts'

/** In this order. */
const words: Readonly<Record<HostOutcome, string>> = {
  changed: 'changed',
  unchanged: 'unchanged',
  failed: 'failed',
  'not-switched': 'not switched',
  behind: 'left behind',
}

/** Counts what became of each host of a deploy. */
export class DeploySummary {
  readonly #hosts = new Map<string, HostOutcome>()
  #isFirst = false

  take(event: Event): void {
    const outcome = outcomeOf(event)
    if (outcome !== undefined) this.#hosts.set(event.host, outcome)
    if (event.event === 'operation' && event.operation.op === 'place-ca') this.#isFirst = true
  }

  /** Whether a host had its turn, or would have had it. */
  get hasBegun(): boolean {
    return [...this.#hosts.values()].some((outcome) => outcome !== 'behind')
  }

  /**
   * The end of a deploy as a person reads it: counts, and what to do next.
   * @param again the command that continues
   */
  describe(exit: ExitCode, seconds: number, again?: string): StyledText {
    const isDone = exit === ExitCode.Done
    const verdict = isDone ? styled('good', 'Done') : styled('fault', 'Not done')
    return [[verdict, `: ${this.#counts()} in ${seconds.toFixed(1)} s.`], ...this.#next(exit, again)]
  }

  #counts(): string {
    const counts = (Object.keys(words) as HostOutcome[]).flatMap((outcome) => {
      const { length } = this.#those(outcome)
      return length === 0 ? [] : [{ length, word: words[outcome] }]
    })
    return counts.map(({ length, word }, index) => `${index > 0 ? length : counted(length, 'host')} ${word}`).join(', ')
  }

  #next(exit: ExitCode, again: string | undefined): StyledText {
    if (exit === ExitCode.Done) {
      if (this.#isFirst) return firstSteps
      return this.#those('changed').length > 0 ? laterSteps : []
    }
    const behind = this.#those('behind')
    if (this.#those('failed').length === 0) return behind.length === 0 ? [] : afterwards(behind)
    if (again === undefined) return []
    return [['Next: fix the cause shown above, then run ', styled('command', again), '. It continues from here.']]
  }

  /** The hosts with this outcome. */
  #those(outcome: HostOutcome): readonly string[] {
    return [...this.#hosts].flatMap(([host, one]) => (one === outcome ? [host] : []))
  }
}

/** The cluster is new, so nobody has a kubeconfig of it yet. */
const firstSteps: StyledText = [
  ['Next:'],
  ['  ', styled('command', 'keel kubeconfig --merge'), '    ', styled('aside', '# for kubectl on this machine')],
  ['  ', styled('command', 'kubectl get nodes')],
]

const laterSteps: StyledText = [
  ['Next: ', styled('command', 'keel status'), ', and commit the inventory if you have not.'],
]

function afterwards(behind: readonly string[]): StyledText {
  const deploy = styled('command', ['keel deploy', ...behind].join(' '))
  return [['Next: ', deploy, behind.length === 1 ? ' when it answers.' : ' when they answer.']]
}
