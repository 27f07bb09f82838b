import { execWord, plainValue } from '../units/quote.ts'
import type { Section, Setting } from '../units/unit-text.ts'

/** Where a command reads and writes: paths, or the terminal. Absent streams are nothing. */
export type ExecStreams =
  | { readonly kind: 'pipes'; readonly stdin?: string; readonly stdout?: string; readonly stderr?: string }
  | { readonly kind: 'terminal'; readonly path: string }

interface Wanted {
  /** The container's own. */
  readonly unit: string
  readonly text: string
  /** The units of all containers of the Pod, which may have one /tmp. */
  readonly together: readonly string[]
  readonly command: readonly string[]
  readonly streams: ExecStreams
}

/**
 * Settings of a container that a command in it does not have: how the container itself starts, ends and is called. All
 * others are its sandbox, and the command gets them as they are, also those that nobody here knows.
 */
const OWN =
  /^(Type|RemainAfterExit|Restart\w*|Exec\w+|Syslog\w+|Standard\w+|TTY\w*|Timeout\w+|KillMode|KillSignal|SendSIGKILL|SendSIGHUP|SuccessExitStatus|NotifyAccess|WatchdogSec|RuntimeDirectoryPreserve|RuntimeMaxSec|OOMPolicy|PIDFile)$/

/** The unit name of a command; no look at the units of Pods takes it for one of theirs. */
export function execUnitName(id: string): string {
  return `vksexec-${id}.service`
}
export const EXEC_UNIT = /^vksexec-[0-9a-f]{16}\.service$/

/**
 * The unit of a command in a container: with the settings of the container, so that systemd itself makes the same sandbox
 * for the same user. It begins stopped, until somebody has moved it into the container's cgroup and lets it go.
 */
export function execUnit({ unit, text, together, command, streams }: Wanted): readonly Section[] {
  const kept = settingsIn(text, 'Service').filter(([key]) => !OWN.test(key))
  const joins = new Set([
    ...settingsIn(text, 'Unit').flatMap(([key, value]) => (key === 'JoinsNamespaceOf' ? value.split(' ') : [])),
    unit,
    ...together,
  ])
  return [
    {
      name: 'Unit',
      settings: [
        ['Description', `A command in ${plainValue(unit)}`],
        // it needs the container and ends with it, and never starts it
        ['Requisite', unit],
        ['PartOf', unit],
        ['After', unit],
        ['JoinsNamespaceOf', [...joins].join(' ')],
      ],
    },
    {
      name: 'Service',
      settings: [
        ...kept,
        ['Type', 'exec'],
        // keeps how it ended
        ['RemainAfterExit', 'yes'],
        ['Restart', 'no'],
        ['ExecStart', [SHELL, '-c', STOPPED, 'sh', ...command].map((word) => execWord([word], () => false)).join(' ')],
        ...streamSettings(streams),
        // the directory is the container's, and outlives the command
        ['RuntimeDirectoryPreserve', 'yes'],
        ['TimeoutStartSec', '20'],
        ['TimeoutStopSec', '5'],
        // an interactive shell does not end by SIGTERM
        ['SendSIGHUP', 'yes'],
      ],
    },
  ]
}

const SHELL = '/bin/sh'
/** The shell finds the program by its PATH, and its words say that there is none. */
const STOPPED = 'kill -STOP $$; exec "$@"'

function streamSettings(streams: ExecStreams): readonly Setting[] {
  if (streams.kind === 'terminal')
    return [
      ['TTYPath', plainValue(streams.path)],
      // also where another session has it
      ['StandardInput', 'tty-force'],
      ['StandardOutput', 'tty'],
      ['StandardError', 'tty'],
      ['Environment', 'TERM=xterm'],
    ]
  const { stdin, stdout, stderr } = streams
  const to = (path: string | undefined) => (path === undefined ? 'null' : `file:${plainValue(path)}`)
  return [
    ['StandardInput', to(stdin)],
    ['StandardOutput', to(stdout)],
    ['StandardError', to(stderr)],
  ]
}

/** The settings of a section, in order; a key can come more than once. */
function settingsIn(text: string, section: string): readonly Setting[] {
  let isInside = false
  return text.split('\n').flatMap((line): Setting[] => {
    if (line.startsWith('[')) isInside = line === `[${section}]`
    const at = line.indexOf('=')
    return isInside && at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : []
  })
}
