import { below, type Place } from '../check.ts'

/** Ignition's own check of a mode. */
export function checkMode(mode: bigint | undefined, place: Place): void {
  if (mode === undefined) return
  const { path, report } = below(place, 'mode')
  if (mode < 0n || mode > 0o7777n) report.error(path, 'a mode goes from 0 to 07777')
  if ((mode & 0o7000n) !== 0n) {
    report.warn(path, 'setuid/setgid/sticky bits are not supported or functional in spec versions older than 3.6.0')
  }
}

/** 644 without a leading zero is 0o1204, which is surely a mistake. */
export function checkDecimalMode(mode: bigint | undefined, node: 'file' | 'directory', place: Place): void {
  if (mode === undefined || mode < 0n || mode > 7777n || !/^[0-7]+$/.test(String(mode))) return
  const meant = Number.parseInt(String(mode), 8)
  if (!isUsualMode(Number(mode), node) && isUsualMode(meant, node)) {
    place.report.warn(
      below(place, 'mode').path,
      'unreasonable mode would be reasonable if specified in octal; remember to add a leading zero',
    )
  }
}

/** Modes that a user probably means. */
export function isUsualMode(mode: number, node: 'file' | 'directory'): boolean {
  if (mode === 0) return true
  const [others, group, user] = [mode & 7, (mode >> 3) & 7, (mode >> 6) & 7]
  const granted = others | group | user
  const [someoneReads, someoneWrites, someoneRuns] = [granted & 4, granted & 2, granted & 1].map(Boolean)
  if (!someoneReads) return false
  // the group may do whatever others may do, and the user whatever the group may do
  if ((others & ~group) !== 0 || (group & ~user) !== 0) return false
  if ([others, group, user].some((bits) => (bits & 3) !== 0 && (bits & 4) === 0)) return false
  if (runsWhereLesserOnlyRead(user, others | group) || runsWhereLesserOnlyRead(group, others)) return false
  const [setuid, setgid, sticky] = [mode & 0o4000, mode & 0o2000, mode & 0o1000].map(Boolean)
  if (node === 'directory') return Boolean(someoneRuns) && !setuid && (Boolean(someoneWrites) || !(setgid || sticky))
  return !sticky && (!(setuid || setgid) || (Boolean(someoneRuns) && (others & 2) === 0))
}

function runsWhereLesserOnlyRead(bits: number, lesser: number): boolean {
  return (bits & 1) !== 0 && (lesser & 4) !== 0 && (lesser & 1) === 0
}
