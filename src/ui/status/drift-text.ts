import { counted } from '../../model/text/counted.ts'
import type { Drift } from '../../status/cluster/cluster-status.ts'

/** What kind of thing an operation changes; the others are steps that only follow from these. */
const KINDS: Readonly<Record<string, readonly [one: string, several: string]>> = {
  'write-file': ['file', 'files'],
  'set-link': ['link', 'links'],
  'remove-path': ['file to remove', 'files to remove'],
  'remove-unit': ['unit to remove', 'units to remove'],
  'make-directory': ['folder', 'folders'],
  'remove-directory': ['folder to remove', 'folders to remove'],
  'store-credential': ['secret', 'secrets'],
  certify: ['certificate', 'certificates'],
  'push-artifact': ['program', 'programs'],
  'merge-extensions': ['program', 'programs'],
  'switch-system': ['system', 'systems'],
  'load-firewall': ['firewall', 'firewalls'],
  'enable-unit': ['unit not enabled', 'units not enabled'],
  'start-unit': ['unit not started', 'units not started'],
  'run-unit': ['unit not up to date', 'units not up to date'],
  'finish-deploy': ['unfinished deploy', 'unfinished deploys'],
}

/** How a host differs, in a few words, and then where. */
export function driftText(drift: Drift): string {
  switch (drift.kind) {
    case 'none':
      return 'none'
    case 'unknown':
      return '?'
    case 'differs': {
      const counts = [...Map.groupBy(drift.changes, ({ op }) => KINDS[op])].flatMap(([kind, of]) =>
        kind === undefined ? [] : [`${of.length} ${kind[of.length === 1 ? 0 : 1]}`],
      )
      // what only follows, alone: a restart that is due, a daemon-reload
      const words = counts.length > 0 ? counts : drift.changes.map(({ op }) => op.replaceAll('-', ' '))
      const places = drift.changes.filter(({ op }) => op in KINDS || counts.length === 0).flatMap(({ to }) => to ?? [])
      return [words.join(', '), ...(places.length > 0 ? [places.join(' ')] : [])].join(': ')
    }
  }
}

/** The same where there is little room. */
export function shortDrift(drift: Drift): string {
  if (drift.kind !== 'differs') return driftText(drift)
  return counted(drift.changes.length, 'change')
}
