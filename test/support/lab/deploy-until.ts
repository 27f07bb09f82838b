import { createInterface } from 'node:readline'
import { expect } from 'vitest'
import type { Event, Phase } from '../../../src/deploy/event.ts'
import type { Keel, Run } from '../keel/keel.ts'
import { until } from '../until.ts'

/** Deploys, and ends keel with a signal as soon as `moment` returns true. */
export async function deployUntil(
  keel: Keel,
  moment: (events: readonly Event[]) => boolean,
  signal: 'SIGKILL' | 'SIGINT',
  ...hosts: readonly string[]
): Promise<Run> {
  const { child, ended } = keel.start(['deploy', '--json', ...hosts])
  const events: Event[] = []
  let over: Run | undefined
  void ended.then((run) => {
    over = run
  })
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)))
  await until('the moment has come', () => moment(events) || over !== undefined)
  expect(over, 'keel ended before the moment had come').toBe(undefined)
  child.kill(signal)
  return ended
}

/** The moment at which the deploy of a host has reached a phase. */
export const inPhase = (phase: Phase, host: string) => (events: readonly Event[]) =>
  events.some((event) => event.event === 'phase' && event.phase === phase && event.host === host)
