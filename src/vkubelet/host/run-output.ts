import { setTimeout as sleep } from 'node:timers/promises'
import { journalArguments } from '../logs/journal-arguments.ts'
import type { JournalEntry } from '../logs/journal-entry.ts'
import type { LogQuery } from '../logs/log-query.ts'
import { readJournal, syncJournal } from './read-journal.ts'

/** Milliseconds between two looks whether a run that is followed is over. */
const LOOK_AGAIN = 1_000

interface Wanted {
  readonly invocation: string
  readonly query: Pick<LogQuery, 'follow' | 'since' | 'tail'>
  /** Whether the run is over. It has written nothing more since. */
  readonly isOver: () => Promise<boolean>
  readonly signal: AbortSignal
}

/** The output of one run, to its end if it is followed. */
export async function* runOutput({ invocation, query, isOver, signal }: Wanted): AsyncGenerator<JournalEntry> {
  const { tail } = query
  const begin = tail === undefined ? undefined : await entryBefore(invocation, { ...query, tail }, signal)
  if (!query.follow) return yield* readJournal(journalArguments(invocation, query, begin), signal)
  const over = new AbortController()
  const watching = watch(isOver, over, signal)
  let last = begin
  try {
    for await (const entry of readJournal(
      journalArguments(invocation, query, begin),
      AbortSignal.any([signal, over.signal]),
    )) {
      last = entry.cursor
      yield entry
    }
  } finally {
    over.abort()
    await watching
  }
  if (signal.aborted) return
  // journald writes some time after a program; what has come meanwhile is not in what was followed
  await syncJournal()
  yield* readJournal(journalArguments(invocation, { ...query, follow: false }, last), signal)
}

/** @returns the cursor of the entry before the last `tail` lines; undefined where there are not more lines */
async function entryBefore(
  invocation: string,
  { tail, ...query }: Wanted['query'] & { readonly tail: number },
  signal: AbortSignal,
): Promise<string | undefined> {
  const args = [...journalArguments(invocation, { ...query, follow: false }), '--reverse']
  let lines = 0
  for await (const { cursor, goesOn } of readJournal(args, signal)) {
    if (!goesOn) lines += 1
    if (lines > tail) return cursor
  }
  return undefined
}

async function watch(isOver: () => Promise<boolean>, over: AbortController, signal: AbortSignal): Promise<void> {
  const either = AbortSignal.any([over.signal, signal])
  while (!either.aborted) {
    if (await isOver().catch(() => false)) over.abort()
    await sleep(LOOK_AGAIN, undefined, { signal: either }).catch(() => undefined)
  }
}
