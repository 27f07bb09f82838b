import { type Probe, rows } from '../../model/probe.ts'
import containerdScript from '../../templates/probes/containerd.sh'

/** What a host says of its containerd. */
export type ContainerdFacts =
  | { readonly kind: 'absent' }
  /** Its service does not run. */
  | { readonly kind: 'stopped'; readonly version?: string }
  /** It runs, but its configuration can't be read. */
  | { readonly kind: 'unread'; readonly version?: string }
  | RunningContainerd

export interface RunningContainerd {
  readonly kind: 'running'
  /** Of the process: `1.6.20~ds1`, `v2.1.5`. */
  readonly version: string
  /** The version of its configuration's form: 2 with containerd 1.x, 3 with 2.x. */
  readonly configVersion: number
  /** Whether the interface for kubelet is on. */
  readonly cri: boolean
  /** Whether systemd makes the cgroups of containers. */
  readonly systemdCgroup: boolean
  /** Absent: containerd's default. */
  readonly pauseImage?: string
  /** Where it looks for CNI plugins. */
  readonly cniFolders: readonly string[]
}

/**
 * What the process of a host's containerd is set to. A process reads another file than /etc/containerd/config.toml if its
 * command line says so. Source: `containerd config dump` of 1.6.20 and 2.2.0
 */
export const containerdQuestion: Probe<void, ContainerdFacts> = {
  name: 'containerd',
  script: () => containerdScript,
  parse: parseContainerd,
}

/** The names under which CRI can be turned off: that of 1.x, its short form, and those of 2.x. */
const criPlugins = ['cri', 'io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.runtime', 'io.containerd.cri.v1.images']

/** The keys of an answer, with the form of their values. */
const forms: Readonly<Record<string, RegExp>> = {
  program: /^(absent|stopped|running)$/,
  version: /^v?\d+\.[\w.+~-]{1,100}$/,
  'config-version': /^\d{1,3}$/,
  disabled: /^[\w./-]{1,200}$/,
  pause: /^[\w.:/@-]{0,300}$/,
  runtime: /^[\w.-]{1,100}$/,
  'systemd-cgroup': /^[\w.-]{1,100}$/,
  'cni-folder': /^\/[^\0-\x1f\x7f]{0,1000}$/,
}

/** @throws Error if a line has another form */
export function parseContainerd(stdout: string): ContainerdFacts {
  const answers = rows(stdout)
  for (const [key = '', value = '', ...more] of answers) {
    const isBoolean = more.length === 1 && /^(true|false)$/.test(more[0] ?? '')
    if (forms[key]?.test(value) !== true || (key === 'systemd-cgroup' ? !isBoolean : more.length > 0))
      throw new Error(`no answer about containerd: ${JSON.stringify(key.slice(0, 40))}`)
  }
  const all = (name: string) => answers.flatMap(([key, value]) => (key === name && value !== undefined ? [value] : []))
  const [program] = all('program')
  const [version] = all('version')
  const known = version === undefined ? {} : { version }
  if (program === 'absent') return { kind: 'absent' }
  if (program === 'stopped') return { kind: 'stopped', ...known }
  if (program === undefined) throw new Error('no answer about containerd')
  const [configVersion] = all('config-version')
  if (version === undefined || configVersion === undefined) return { kind: 'unread', ...known }
  const [pauseImage = ''] = all('pause')
  const [runtime = 'runc'] = all('runtime')
  return {
    kind: 'running',
    version,
    configVersion: Number(configVersion),
    cri: !all('disabled').some((plugin) => criPlugins.includes(plugin)),
    systemdCgroup: answers.some(
      ([key, name, value]) => key === 'systemd-cgroup' && name === runtime && value === 'true',
    ),
    ...(pauseImage === '' ? {} : { pauseImage }),
    cniFolders: [...new Set(all('cni-folder'))],
  }
}
