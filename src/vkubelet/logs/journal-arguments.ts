import type { LogQuery } from './log-query.ts'

/**
 * journalctl(1) for the output of one run of a unit. Each run has an invocation ID of its own, and what systemd itself
 * says of the unit has another one.
 * @param after the cursor of an entry: only what came later
 */
export function journalArguments(
  invocation: string,
  { follow, since }: Pick<LogQuery, 'follow' | 'since'>,
  after?: string,
): readonly string[] {
  return [
    '--quiet',
    '--no-pager',
    '--output=json',
    // without it, a message of more than 4 KiB is null
    '--all',
    '--output-fields=MESSAGE,_LINE_BREAK,_STREAM_ID',
    ...(follow ? ['--follow'] : []),
    // also here: --follow alone begins ten lines before the end. Its --lines counts the parts of a long line.
    '--no-tail',
    ...(since === undefined
      ? []
      : [`--since=@${Math.floor(since / 1_000_000)}.${`${since % 1_000_000}`.padStart(6, '0')}`]),
    ...(after === undefined ? [] : [`--after-cursor=${after}`]),
    `_SYSTEMD_INVOCATION_ID=${invocation}`,
    '_TRANSPORT=stdout',
  ]
}
