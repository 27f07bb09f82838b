import type { Places } from '../model/distribution/places.ts'
import { type Probe, rows } from '../model/probe.ts'
import settingsScript from '../templates/probes/foreign-settings.sh'
import unitsScript from '../templates/probes/foreign-units.sh'
import { sh } from '../templates/shell-quote.ts'
import { topLevelKeys } from './distribution/config-keys.ts'
import { dropIns } from './host/drop-ins.ts'

/**
 * What is on a host beside keel and starts k3s, changes how it runs, or is read by it. Names only: a value may be a
 * secret.
 */
export interface ForeignState {
  readonly units: readonly ForeignUnit[]
  /** Lines of cron and the like that start a Kubernetes: `FILE:LINE`. */
  readonly starters: readonly { readonly place: string; readonly what: string }[]
  readonly containers: readonly { readonly name: string; readonly what: string; readonly state: string }[]
  /** Processes of a Kubernetes in the host's own network; `unit` is empty where it belongs to none. */
  readonly processes: readonly { readonly pid: string; readonly program: string; readonly unit: string }[]
  /** Who listens on a port that k3s needs. */
  readonly ports: readonly ListeningPort[]
  /** Drop-ins of keel's units, no matter who made them. */
  readonly dropIns: readonly { readonly unit: string; readonly path: string; readonly sets: readonly string[] }[]
  /** Defaults of systemd's manager that are not its own. */
  readonly defaults: readonly { readonly path: string; readonly sets: readonly string[] }[]
  /** Variables for k3s in the environment that the manager gives every service. */
  readonly environment: readonly string[]
  /** Files of variables for k3s; `isRead` by keel's unit. */
  readonly variables: readonly { readonly path: string; readonly isRead: boolean; readonly names: readonly string[] }[]
  /** Files beside config.yaml; without keys where they are no YAML map, or too large to be looked at. */
  readonly configs: readonly { readonly path: string; readonly keys?: readonly string[] }[]
  readonly files: readonly { readonly kind: ForeignFileKind; readonly path: string }[]
  /** Mode and owner of the node's password: `600 root`. */
  readonly nodePassword?: string
}

/** As systemd sees a unit that starts a Kubernetes: k3s's own of this host is among them. */
export interface ForeignUnit {
  readonly unit: string
  readonly active: string
  readonly enabled: string
  readonly path: string
  /** `k3s server`, `kubelet` … */
  readonly what: string
  /** Units that start it: targets, timers. */
  readonly startedBy: readonly string[]
  /** Names of the options on its command line. */
  readonly flags: readonly string[]
}

interface ListeningPort {
  readonly protocol: string
  readonly port: number
  readonly program: string
  readonly pid: string
  readonly unit: string
}

const fileKinds = ['registries', 'manifest', 'pod', 'containerd', 'kubelet', 'cni'] as const
export type ForeignFileKind = (typeof fileKinds)[number]

export interface ForeignQuestion {
  /** Of the service that runs Kubernetes' node. */
  readonly unit: string
  /** All units of keel's on this host. */
  readonly units: readonly string[]
  readonly places: Places
  /** Paths that are from keel. */
  readonly own: readonly string[]
  /** `tcp:6443` */
  readonly ports: readonly string[]
}

/** In base64, of 16 KB: the script sends no more, and YAML can take far longer than its length. */
const MOST_CONTENT = 22_000

/** Changes by itself, like processes, so a deploy does not rely on it. */
export const foreignState: Probe<ForeignQuestion, ForeignState> = {
  name: 'foreign',
  script: ({ unit, units, places, own, ports }) => `(
${settingsScript}
${unitsScript}
foreign_units
foreign_starters
${sh`foreign_processes ${ports}`}
${units.map((one) => `foreign_drop_ins ${sh`${one}`} < <(${dropIns.script(one)}\n)`).join('\n')}
foreign_defaults
${sh`foreign_environment_files ${unit}`}
${sh`foreign_files ${places.configuration} ${places.data} ${places.nodePassword ?? ''} ${own}`}
) 2>/dev/null || true`,
  parse: (stdout) => {
    const found = rows(stdout)
    const of = (name: string) => found.flatMap(([kind, ...columns]) => (kind === name ? [columns] : []))
    const [password] = of('password')
    return {
      units: of('unit').map(
        ([unit = '', active = '', enabled = '', path = '', what = '', startedBy = '', flags = '']) => ({
          ...{ unit, active, enabled, path, what },
          startedBy: words(startedBy),
          flags: words(flags),
        }),
      ),
      starters: of('starter').map(([place = '', what = '']) => ({ place, what })),
      containers: of('container').map(([name = '', what = '', state = '']) => ({ name, what, state })),
      processes: of('process').map(([pid = '', program = '', unit = '']) => ({ pid, program, unit })),
      ports: of('port').map(([protocol = '', port, program = '', pid = '', unit = '']) => ({
        ...{ protocol, program, pid, unit },
        port: Number(port) || 0,
      })),
      dropIns: of('drop-in').map(([unit = '', path = '', sets = '']) => ({ unit, path, sets: words(sets) })),
      defaults: of('default').map(([path = '', sets = '']) => ({ path, sets: words(sets) })),
      environment: of('environment').flatMap(([names = '']) => words(names)),
      variables: of('variables').map(([path = '', read, names = '']) => ({
        path,
        isRead: read === 'read',
        names: words(names),
      })),
      configs: of('config').map(([path = '', form, content = '']) => {
        const keys =
          form === 'text' && content.length <= MOST_CONTENT
            ? topLevelKeys(Buffer.from(content, 'base64').toString('utf8'))
            : undefined
        return { path, ...(keys === undefined ? {} : { keys }) }
      }),
      files: of('file').flatMap(([name, path = '']) => {
        const kind = fileKinds.find((one) => one === name)
        return kind === undefined ? [] : [{ kind, path }]
      }),
      ...(password === undefined ? {} : { nodePassword: password[1] ?? '' }),
    }
  },
}

function words(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '')
}
