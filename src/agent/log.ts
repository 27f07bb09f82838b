import type { AgentConfig } from '../model/keel-agent/agent-config.ts'

type Level = AgentConfig['log']['level']

export type Log = Readonly<Record<Level, (text: string) => void>>

/** syslog(3)'s priorities, from which the journal knows a line's level (sd-daemon(3)). */
const PRIORITIES: Readonly<Record<Level, number>> = { error: 3, warn: 4, info: 6, debug: 7 }

/** Characters of a line: of a client's words only so much is logged. */
const LONGEST = 500

/**
 * A log of lines for the journal. A control character of somebody else's words becomes `?`, so that no line can pass
 * for another one.
 */
export function logTo(out: { write(text: string): unknown }, least: Level): Log {
  const line = (level: Level) => (text: string) => {
    if (PRIORITIES[level] > PRIORITIES[least]) return
    out.write(`<${PRIORITIES[level]}>${text.slice(0, LONGEST).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')}\n`)
  }
  return { error: line('error'), warn: line('warn'), info: line('info'), debug: line('debug') }
}
