import { sliceName } from '../names/slice-name.ts'
import { unitName } from '../names/unit-name.ts'
import { piecesOf } from '../pod/expansion.ts'
import type { Container, Pod } from '../pod/pod.ts'
import type { AllowedPath } from './allowed-path.ts'
import { directorySettings } from './directory-settings.ts'
import { environmentPath } from './environment-file.ts'
import { metadataSection, type UnitMetadata } from './metadata.ts'
import { mountSettings } from './mount-settings.ts'
import { execProgram, execWord, plainValue } from './quote.ts'
import { resourceSettings } from './resource-settings.ts'
import { sandboxSettings } from './sandbox-settings.ts'
import type { Together } from './slice-of-all.ts'
import type { Section, Setting } from './unit-text.ts'

/** What a container needs besides its Pod: found when it is about to run. */
export interface Preparation {
  /** The program of the image and its arguments: paths of the host. */
  readonly program: readonly string[]
  /** The names in its environment file, never their values. */
  readonly variables: ReadonlySet<string>
}

/** Which run it is. */
export type Run = Pick<UnitMetadata, 'run' | 'pause' | 'after' | 'last'>

/** What the inventory says of this host's Pods. */
export interface HostSettings {
  /** Paths that no Pod sees. */
  readonly hidden: readonly string[]
  /** Paths that a Pod may have as a volume. */
  readonly mounts: readonly AllowedPath[]
  /** Processes and threads of one Pod. */
  readonly mostTasks: number
  /** On the Node. */
  readonly mostPods: number
  /** Absent: only each Pod has limits. */
  readonly together?: Together
}

/**
 * Seconds. A Pod may have a grace of a month, and one that is deleted by force counts for no quota any more; nor does a host
 * that shuts down wait for a month.
 */
const LONGEST_STOP = 300

/** The unit of a container (systemd.service(5)): a value, without any value of the environment. */
export function containerUnit(
  pod: Pod,
  container: Container,
  { program, variables }: Preparation,
  run: Run,
  { hidden, mounts }: HostSettings,
): readonly Section[] {
  const ref = { namespace: pod.namespace, pod: pod.name }
  const at = pod.containers.findIndex(({ name }) => name === container.name)
  // systemd joins in both directions, so each pair is named once; an init container is over before them
  const before = pod.containers.slice(0, Math.max(at, 0)).map(({ name }) => unitName({ ...ref, container: name }))
  const service: Setting[] = [
    ['Type', 'exec'],
    // keeps how it ended, until the program stops the unit
    ['RemainAfterExit', 'yes'],
    ['Restart', 'no'],
    ['Slice', sliceName(ref)],
    ['SyslogIdentifier', container.name],
    // a line that begins with <3> is the container's own: journald would take it for a priority
    ['SyslogLevelPrefix', 'no'],
    ['EnvironmentFile', environmentPath(pod.uid, container.name)],
    ['ExecStart', commandLine(container, program, variables)],
    ...(container.workingDir === undefined
      ? []
      : ([['WorkingDirectory', plainValue(container.workingDir)]] satisfies Setting[])),
    // for a Pod that is gone from the API: the program stops it by systemd alone. So does a shutdown.
    ['TimeoutStopSec', `${Math.min(Math.max(pod.grace, 1), LONGEST_STOP)}`],
    ...resourceSettings(container.resources),
    ...sandboxSettings(container.security, hidden),
    ...directorySettings(pod, container),
    ...mountSettings(pod, container, mounts),
  ]
  return [
    {
      name: 'Unit',
      settings: [
        ['Description', `Container ${container.name} of Pod ${pod.namespace}/${pod.name}`],
        // the program decides when to start it again
        ['StartLimitIntervalSec', '0'],
        // one /tmp for the containers of a Pod, whichever is started first
        ...(before.length === 0 ? [] : ([['JoinsNamespaceOf', before.join(' ')]] satisfies Setting[])),
      ],
    },
    { name: 'Service', settings: service },
    metadataSection({
      namespace: pod.namespace,
      pod: pod.name,
      uid: pod.uid,
      container: container.name,
      image: container.image,
      ...run,
    }),
  ]
}

/** `command` replaces the image's program and its arguments, `args` only the arguments (Kubernetes, Container). */
function commandLine({ command, args }: Container, program: readonly string[], variables: ReadonlySet<string>): string {
  const isKnown = (variable: string) => variables.has(variable)
  const [own = '', ...before] = command.length > 0 ? command : program
  const after = command.length === 0 && args.length > 0 ? args : [...before, ...args]
  return [execProgram(own), ...after.map((word) => execWord(piecesOf(word), isKnown))].join(' ')
}
