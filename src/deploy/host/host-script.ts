import { factsDigestScript, settledDigestScript } from '../../probes/facts-digest.ts'
import { stateDirectory } from '../../probes/host/generation.ts'
import type { Questions } from '../../probes/questions.ts'
import pathFunctions from '../../templates/host/paths.sh'
import placeFunctions from '../../templates/host/place.sh'
import digestFunction from '../../templates/host/sha256-of.sh'
import spaceFunctions from '../../templates/host/space.sh'
import stagingFunctions from '../../templates/host/staging.sh'
import { sh } from '../../templates/shell-quote.ts'

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
  /** As the scripts in src/templates/host end. */
  UnsafePath: 87,
  NoSpace: 88,
  NotWritable: 89,
} as const

/**
 * The head of every script that writes: it stops at the first error, makes nothing readable for others, and takes the
 * lock of the host. However the script ends, `cleanup` runs last.
 */
export function scriptHead(): string {
  return [
    placeFunctions,
    pathFunctions,
    spaceFunctions,
    stagingFunctions,
    digestFunction,
    sh`set -eu
umask 077
export LC_ALL=C
cleanup() { :; }
trap 'status=$?; cd ${stateDirectory} && cleanup; exit "$status"' EXIT
mkdir -p ${stateDirectory} || gave_up $? ${stateDirectory} 0
exec 9> ${`${stateDirectory}/lock`}
flock -n 9 || exit ${HostExit.Locked}
cd ${stateDirectory}`,
  ].join('\n')
}

/** What one deploy has staged on a host: in a folder with a random name that only this deploy uses. */
export interface Staging {
  /** Of the deploy, on every host: 16 hexadecimal digits. */
  readonly id: string
  readonly questions: Questions
}

/** Where exec 2 leaves what exec 3 puts in place. Secrets there are encrypted for this host only. */
export function stagingPlaces({ id }: Pick<Staging, 'id'>) {
  const folder = `staged/${id}`
  return {
    folder,
    generation: `${folder}/generation`,
    credentials: `${folder}/credentials`,
    /** The keel-agent's first certificate and its key. */
    first: `${folder}/first`,
    seen: `${folder}/seen`,
  } as const
}

/** Ends a script if the host has changed since the deploy asked it. */
export function refuseChanged(questions: Questions, expectedDigest: string): string {
  return `seen=$(\n${factsDigestScript(questions, expectedDigest)}\n)\n${sh`[ "$seen" = ${expectedDigest} ] || exit ${HostExit.Changed}`}`
}

/** Notes the state of the host after staging, or after the deploy itself has changed it. */
export function noteSeen(staging: Staging): string {
  return `seen=$(\n${settledDigestScript(staging.questions)}\n)\n${sh`printf '%s\n' "$seen" > ${stagingPlaces(staging).seen}`}`
}

/** Ends a script if the staged files are gone or the host has changed: another keel has been here. */
export function refuseUnstaged(staging: Staging): string {
  const { seen } = stagingPlaces(staging)
  return `seen=$(\n${settledDigestScript(staging.questions)}\n)\n${sh`[ -f ${seen} ] && [ "$seen" = "$(cat ${seen})" ] || exit ${HostExit.Changed}`}`
}

/** Asks only that: before something is done elsewhere for this host, or to it from elsewhere. */
export function stillStagedScript(staging: Staging): string {
  return [scriptHead(), refuseUnstaged(staging)].join('\n')
}
