import type { Helper } from '../helper/helper.ts'
import type { Query } from '../server/query.ts'
import type { JournalLine } from './journal-line.ts'
import { journalLine } from './line-of.ts'

/** Lines without a number of them in the query. */
const USUAL = 100

/** @throws HelperError */
export async function* readJournal(
  helper: Helper,
  unit: string,
  { since = 0, lines = USUAL, follow }: Query,
  signal: AbortSignal,
): AsyncGenerator<JournalLine> {
  for await (const line of helper.follow(`journal ${unit} ${since} ${lines} ${follow ? 1 : 0}`, signal)) {
    const found = journalLine(line, unit)
    if (found !== undefined) yield found
  }
}
