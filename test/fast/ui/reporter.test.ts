import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import type { Event } from '../../../src/deploy/event.ts'
import { reporterFor } from '../../../src/ui/reporter.ts'
import { RunRecord, type Verbosity } from '../../../src/ui/run/run-record.ts'

const fault = {
  code: 'k3s-unit-failed',
  at: 'maia',
  found: 'k3s-agent.service failed to start within 180 seconds, and systemd gave up on it',
  todo: 'read the journal with `keel logs maia --since yesterday`, then run `keel deploy maia`',
}
const failed: Event = { event: 'failed', host: 'maia', fault }

/** What a deploy prints of one event. Lines that go away again are not in it. */
function printed(verbosity: Verbosity, terminal: { isTTY?: boolean; columns?: number }): readonly string[] {
  const stderr = Object.assign(new PassThrough(), terminal)
  const run = new RunRecord()
  run.verbosity = verbosity
  const reporter = reporterFor({ json: false, stdout: new PassThrough(), stderr, run })
  reporter.report(failed)
  reporter.end()
  return String(stderr.read()).trimEnd().split('\n')
}

it.each<Verbosity>(['normal', 'quiet', 'scripts'])(
  'events wrap in a terminal of 60 columns, and a command stays whole: %s',
  (verbosity) => {
    const lines = printed(verbosity, { isTTY: true, columns: 60 })
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60)
    const text = lines.join('\n')
    expect(text).toContain('`keel logs maia --since yesterday`')
    expect(text.replaceAll(/\n? +/g, ' ')).toContain('failed to start within 180 seconds, and systemd gave up on it')
  },
)

it('events do not wrap in a pipe', () => {
  const lines = printed('normal', {})
  expect(lines).toContainEqual(expect.stringContaining(fault.found))
  expect(lines).toContainEqual(expect.stringContaining(fault.todo))
})
