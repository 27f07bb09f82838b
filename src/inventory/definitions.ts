import type { Fault } from '../errors.ts'
import type { Issue } from '../model/schema/parsed.ts'

/** One definition in the form that its file has, unchecked. */
export interface Source {
  /** The name in messages: `hosts/maia`, `hosts/cluster`, `secrets.ts`. */
  readonly subject: string
  /** Its file, relative to the inventory: `hosts/maia/host.ts`. */
  readonly file: string
  readonly input: unknown
  /** The place of a part: `hosts/maia/host.ts:7:12`. The nearest known place, never empty. */
  readonly locate: (path: Issue['path'], part?: Part) => string
  /** The text of a number, `true` or the like in its file, which the value no longer shows: `0644`, `1.10`. */
  readonly written: (path: Issue['path']) => string | undefined
  /** What the user likely meant with a text at this place, by the form of the file. Only YAML has such forms. */
  readonly cure?: (path: Issue['path']) => string | undefined
  /** The value could not be read, and keel has already reported that. */
  readonly isUnread: (path: Issue['path']) => boolean
}

/** The result of reading one file. A file with small faults has a definition and faults. */
export interface Read {
  readonly source?: Source
  readonly faults: readonly Fault[]
}

/** Whether the place is that of the value of an entry, or of its key. */
export type Part = 'key' | 'value'

export interface HostSource extends Source {
  /** Its folder below hosts/. */
  readonly name: string
}

/** Everything in an inventory, which `resolveCluster` checks. */
export interface Definitions {
  readonly cluster: Source
  readonly secrets: Source
  readonly hosts: readonly HostSource[]
  /** Folders below hosts/ without a host.ts. */
  readonly strays: readonly string[]
  /** The files that hosts/cluster names as manifests of the network, by path. Absent where it names none. */
  readonly manifestFiles?: ManifestFiles
  /** The file that hosts/cluster names as public key for images, or why keel can't read it. Absent where it names none. */
  readonly imageKey?: ImageKeyFile
  /** The files that `systemdKubelet` names as keys of repositories, by path. Absent where it names none. */
  readonly repositoryKeys?: NamedFiles
}

export type ImageKeyFile = Uint8Array | Fault

/** Their texts, or why keel can't read one. */
export type NamedFiles = ReadonlyMap<string, string | Fault>
export type ManifestFiles = NamedFiles

/** An issue, and the definition that has it. */
export interface Finding extends Issue {
  readonly source: Source
}

export function toFault({ source, path, part, code, found, why, todo: known }: Finding): Fault {
  // `auth` in registries.yaml contains credentials
  const todo = known ?? (code === 'value' && !path.includes('auth') ? source.cure?.(path) : undefined)
  const where = [source.subject, formatPath(path)].filter((part) => part !== '').join(' ')
  return {
    code,
    at: source.locate(path, part),
    found: `${where}: ${found}`,
    ...(why === undefined ? {} : { why }),
    ...(todo === undefined ? {} : { todo }),
  }
}

/** In the form of TypeScript: `taints[0]`, `k3s['vpn-auth']`, `networks.cluster`. */
function formatPath(path: Issue['path']): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    if (!/^[A-Za-z_$][\w$]*$/.test(step)) return `${text}['${step}']`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

/** Parses what `formatPath` has printed. */
export function parsePath(text: string): Issue['path'] {
  const steps = text.matchAll(/\[(\d+)\]|\['([^']*)'\]|\.?([A-Za-z_$][\w$]*)/g)
  return [...steps].map(([, index, quoted, name]) => (index === undefined ? (quoted ?? name ?? '') : Number(index)))
}
