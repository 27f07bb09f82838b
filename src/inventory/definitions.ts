import type { Fault } from '../errors.ts'
import type { Issue } from '../model/schema/parsed.ts'

/** One definition as it was read from its file, unchecked. */
export interface Source {
  /** How messages call it: `hosts/maia`, `hosts/cluster`, `secrets.ts`. */
  readonly subject: string
  /** The file it was read from, relative to the inventory: `hosts/maia/host.ts`. */
  readonly file: string
  readonly input: unknown
  /** Where a part of it is: `hosts/maia/host.ts:7:12`. The nearest known place, never empty. */
  readonly locate: (path: Issue['path'], part?: Part) => string
  /** A number, `true` or the like as its file writes it, which the value does not say any more: `0644`, `1.10`. */
  readonly written: (path: Issue['path']) => string | undefined
  /** The value could not be read, and keel has already reported that. */
  readonly isUnread: (path: Issue['path']) => boolean
}

/** What became of one file; one with small faults gives both. */
export interface Read {
  readonly source?: Source
  readonly faults: readonly Fault[]
}

/** Of an entry: what is there, or the key before it. */
export type Part = 'key' | 'value'

export interface HostSource extends Source {
  /** Its folder below hosts/. */
  readonly name: string
}

/** All that an inventory says: what `resolveCluster` judges. */
export interface Definitions {
  readonly cluster: Source
  readonly secrets: Source
  readonly hosts: readonly HostSource[]
  /** Folders below hosts/ without a host.ts. */
  readonly strays: readonly string[]
}

/** An issue and whose it is. */
export interface Finding extends Issue {
  readonly source: Source
}

export function toFault({ source, path, part, code, found, why, todo }: Finding): Fault {
  const where = [source.subject, formatPath(path)].filter((part) => part !== '').join(' ')
  return {
    code,
    at: source.locate(path, part),
    found: `${where}: ${found}`,
    ...(why === undefined ? {} : { why }),
    ...(todo === undefined ? {} : { todo }),
  }
}

/** As one would write it in TypeScript: `taints[0]`, `k3s['vpn-auth']`, `networks.cluster`. */
function formatPath(path: Issue['path']): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    if (!/^[A-Za-z_$][\w$]*$/.test(step)) return `${text}['${step}']`
    return text === '' ? step : `${text}.${step}`
  }, '')
}

/** The way back: what `formatPath` printed. */
export function parsePath(text: string): Issue['path'] {
  const steps = text.matchAll(/\[(\d+)\]|\['([^']*)'\]|\.?([A-Za-z_$][\w$]*)/g)
  return [...steps].map(([, index, quoted, name]) => (index === undefined ? (quoted ?? name ?? '') : Number(index)))
}
