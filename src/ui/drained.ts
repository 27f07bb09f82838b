import { once } from 'node:events'
import type { Io } from './io.ts'

type Output = Pick<Io, 'stdout' | 'signal'>

const waits = new WeakMap<Io['stdout'], Promise<unknown>>()

/** Waits until stdout has taken what was printed: a host may send more than its reader reads. */
export async function drained({ stdout, signal }: Output): Promise<void> {
  if (stdout.writableNeedDrain !== true) return
  const wait = waits.get(stdout) ?? once(stdout, 'drain', { signal }).finally(() => waits.delete(stdout))
  waits.set(stdout, wait)
  await wait
}
