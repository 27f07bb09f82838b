import type { Probe } from '../../model/probe.ts'

export interface HostSystem {
  /** os-release's ID: `debian`. */
  readonly id: string
  readonly machine: string
  /** systemd's major version; 0 where it is not PID 1's kind. */
  readonly systemd: number
  /** Programs that keel needs on the host and that are not there. */
  readonly missing: readonly string[]
}

/** coreutils, util-linux and systemd: on every Debian and Flatcar machine. No curl, no Python, no age. */
const neededPrograms = [
  'base64',
  'flock',
  'install',
  'sha256sum',
  'stat',
  'systemctl',
  'systemd-creds',
  'journalctl',
] as const

/** What keel needs besides on a system whose programs come as extensions. */
export const flatcarPrograms: readonly string[] = ['systemd-sysext']

/** What kind of system this is, and whether it has what keel's scripts call. */
export const hostSystem: Probe<void, HostSystem> = {
  name: 'host-system',
  script: () => `
(. /etc/os-release 2>/dev/null; printf 'id=%s\\n' "$ID")
printf 'machine=%s\\n' "$(uname -m)"
read -r name version _ < <(systemctl --version 2>/dev/null)
[ "$name" = systemd ] || version=
printf 'systemd=%s\\n' "\${version%%[!0-9]*}"
for program in ${[...neededPrograms, ...flatcarPrograms].join(' ')}; do command -v "$program" >/dev/null || printf 'missing=%s\\n' "$program"; done`,
  parse: (stdout) => {
    const pairs = stdout
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const)
    const one = (name: string) => pairs.find(([key]) => key === name)?.[1] ?? ''
    return {
      id: one('id'),
      machine: one('machine'),
      systemd: Number(one('systemd')) || 0,
      missing: pairs.filter(([key]) => key === 'missing').map(([, program]) => program),
    }
  },
}
