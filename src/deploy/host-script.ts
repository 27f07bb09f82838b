import { stateDirectory } from '../probes/generation.ts'
import { sh } from '../templates/shell-quote.ts'

/** Exit statuses of keel's own host scripts; far from those of bash (126-128) and of signals. */
export const HostExit = {
  Locked: 75,
  Changed: 76,
  CannotDecrypt: 77,
  WrongHash: 78,
  HasData: 79,
  Unhealthy: 80,
  FirewallRefused: 81,
  NotMerged: 82,
  BuildFailed: 83,
  NotImported: 84,
  CannotDecryptSecret: 85,
  SwitchFailed: 86,
} as const

/** The head of every script that writes: fails at the first error, makes nothing readable for others, and is alone on the host. */
export function scriptHead(): string {
  return sh`set -eu
umask 077
export LC_ALL=C
mkdir -p ${stateDirectory}
exec 9> ${`${stateDirectory}/lock`}
flock -n 9 || exit ${HostExit.Locked}
folder() { (umask 022; mkdir -p -- "$1"); }`
}

/** Where exec 2 leaves what exec 3 puts in place. Secrets lie there encrypted for this host only. */
export function stagingPlaces(digest: string): { readonly generation: string; readonly credentials: string } {
  return { generation: `${stateDirectory}/generations/${digest}`, credentials: `${stateDirectory}/staged-credentials` }
}
