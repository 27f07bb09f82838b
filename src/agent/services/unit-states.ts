import { keelUnits, keepalivedUnit, systemUnits } from '../../model/keel-agent/helper.ts'
import type { ServiceReport } from './services-report.ts'

const readable: ReadonlySet<string> = new Set([...keelUnits, ...systemUnits, keepalivedUnit])
const restartable: ReadonlySet<string> = new Set([...keelUnits, keepalivedUnit])

/** Whether the agent asks its helper for the journal of a unit. The helper checks it again. */
export function isReadable(unit: string): boolean {
  return readable.has(unit)
}

/** Whether it asks to restart one. What the host does not have, and a keepalived that is not keel's, the helper refuses. */
export function isRestartable(unit: string): boolean {
  return restartable.has(unit)
}

const WORD = /^[a-z0-9-]{0,40}$/
const UNIT = /^[A-Za-z0-9@:._\\-]{1,255}$/

/**
 * The paragraphs of `systemctl show`, of units that the host has. What is no word of systemd's becomes `unknown`. A unit
 * with two names (ssh.service and sshd.service) comes once: systemd shows the same `Id` for both.
 */
export function unitStates(lines: readonly string[]): readonly ServiceReport[] {
  const paragraphs = lines.join('\n').split(/\n{2,}/)
  const seen = new Set<string>()
  return paragraphs.flatMap((paragraph) => {
    const found = new Map(
      paragraph.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
    const unit = found.get('Id') ?? ''
    if (!UNIT.test(unit) || found.get('LoadState') === 'not-found' || seen.has(unit)) return []
    seen.add(unit)
    const word = (key: string) => {
      const text = found.get(key) ?? ''
      return WORD.test(text) ? text : 'unknown'
    }
    const since = sinceOf(found.get('StateChangeTimestamp') ?? '')
    return [
      {
        unit,
        active: word('ActiveState'),
        sub: word('SubState'),
        enabled: word('UnitFileState'),
        ...(since === undefined ? {} : { since }),
        restarts: /^\d{1,9}$/.test(found.get('NRestarts') ?? '') ? Number(found.get('NRestarts')) : 0,
        result: word('Result'),
        journal: isReadable(unit),
        restart: isRestartable(unit),
      },
    ]
  })
}

/** `Mon 2025-11-24 16:00:00 UTC`, as RFC 3339 has it; undefined for anything else, as `n/a`. */
function sinceOf(text: string): string | undefined {
  const [, day, time] = /^[A-Z][a-z]{2} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(text) ?? []
  const milliseconds = Date.parse(`${day}T${time}Z`)
  return Number.isNaN(milliseconds) ? undefined : timeOf(milliseconds / 1000)
}

/** RFC 3339, UTC. */
export function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}
