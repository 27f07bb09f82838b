import type { Past } from '../../model/distribution/past.ts'
import { type Probe, rows } from '../../model/probe.ts'
import { sh } from '../../templates/shell-quote.ts'
import { VERSION_SECONDS } from './seen-past.ts'

/** Which program of the distribution runs on a host, according to that program. */
export interface RunningProgram {
  /**
   * Of the process, as its own program says: `v1.36.3+k3s1`. Absent where none runs, where it does not say, and where
   * it is the program on the disk.
   */
  readonly version?: string
  /** The process runs the very program that is on the disk, whose version `SeenPast` has. */
  readonly isProgram?: true
  /** The program on the disk was put there after the process had started. */
  readonly programIsNewer: boolean
}

/**
 * Asks the process's own program for its version: `/proc/PID/exe` leads to it also when the file has been replaced. If
 * it is the file on the disk, `pastVersion` asks it.
 */
export const runningProgram: Probe<{ readonly unit: string; readonly version: Past['version'] }, RunningProgram> = {
  name: 'running-program',
  script: ({ unit, version: { command, says } }) => {
    const [name = '', ...words] = command
    return sh`
unit=${unit}
pid=$(systemctl show --property=MainPID --value -- "$unit")
program=$(command -v ${name}) || program=${`/usr/local/bin/${name}`}
case $(readlink -- "/proc/\${pid:-0}/exe") in */${name}*|*/.${name}*)
  if [ "/proc/$pid/exe" -ef "$program" ]; then printf 'of-program\tyes\n'
  else timeout ${VERSION_SECONDS} bash -c 'exec -a "$1" "$0" "\${@:2}"' "/proc/$pid/exe" ${name} ${words} </dev/null 2>/dev/null | sed -nE ${`1s/^${says} (v[^ ]+).*/version\\t\\1/p`}
  fi
esac
if [ "\${pid:-0}" -gt 0 ] 2>/dev/null; then
  started=$(systemctl show --timestamp=unix --property=ExecMainStartTimestamp --value -- "$unit" | tr -d @)
  newest=$({ stat -c %Z -- "$program"; stat -L -c %Z -- "$program"; stat -c %Z -- /run/current-system ${`/etc/extensions/${name}.raw`}; } 2>/dev/null | sort -n | tail -n 1)
  [ "\${newest:-0}" -le "\${started:-0}" ] 2>/dev/null || printf 'newer\tyes\n'
fi
true`
  },
  parse: (stdout) => {
    const lines = rows(stdout)
    const one = (key: string) => lines.find(([found]) => found === key)?.[1]
    const version = one('version')
    return {
      ...(version === undefined ? {} : { version }),
      ...(one('of-program') === undefined ? {} : { isProgram: true as const }),
      programIsNewer: one('newer') !== undefined,
    }
  },
}
