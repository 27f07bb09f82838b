import type { Event } from '../deploy/event.ts'
import { ExitCode } from '../errors.ts'
import { type StyledText, styled } from '../model/text/styled-text.ts'

type Outcome = 'changed' | 'unchanged' | 'failed' | 'not switched' | 'left behind'
const outcomes: readonly Outcome[] = ['changed', 'unchanged', 'failed', 'not switched', 'left behind']

/** Counts what became of each host of a deploy. */
export class DeploySummary {
  readonly #hosts = new Map<string, Outcome>()
  #isFirst = false

  take(event: Event): void {
    const outcome = outcomeOf(event)
    if (outcome !== undefined) this.#hosts.set(event.host, outcome)
    if (event.event === 'operation' && event.operation.op === 'place-ca') this.#isFirst = true
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
    const counts = outcomes.flatMap((outcome) => {
      const count = this.#those(outcome).length
      return count === 0 ? [] : [{ outcome, count }]
    })
    return counts
      .map(({ outcome, count }, index) =>
        index > 0 ? `${count} ${outcome}` : `${count} ${count === 1 ? 'host' : 'hosts'} ${outcome}`,
      )
      .join(', ')
  }

  #next(exit: ExitCode, again: string | undefined): StyledText {
    if (exit === ExitCode.Done) {
      if (this.#isFirst) return firstSteps
      return this.#those('changed').length > 0 ? laterSteps : []
    }
    const behind = this.#those('left behind')
    if (this.#those('failed').length === 0) return behind.length === 0 ? [] : afterwards(behind)
    if (again === undefined) return []
    return [['Next: fix the cause shown above, then run ', styled('command', again), '. It continues from here.']]
  }

  /** The hosts with this outcome. */
  #those(outcome: Outcome): readonly string[] {
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

function outcomeOf(event: Event): Outcome | undefined {
  switch (event.event) {
    case 'done':
      return event.changed ? 'changed' : 'unchanged'
    case 'failed':
      return 'failed'
    case 'not-switched':
      return 'not switched'
    case 'behind':
      return 'left behind'
    default:
      return undefined
  }
}
