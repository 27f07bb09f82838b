import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '../errors.ts'
import type { DefinitionKind } from '../model/definition.ts'

/** A file that defines a part of the inventory. */
export interface DefinitionFile {
  readonly kind: DefinitionKind
  readonly form: Form
  /** Relative to the inventory, with forward slashes: `hosts/maia/host.ts`. */
  readonly file: string
  /** How messages call it: `hosts/maia`, `hosts/cluster`; of the secrets the file itself. */
  readonly subject: string
}

/** Each file is written in one of them; an inventory may mix them. */
export type Form = 'ts' | 'yaml'
const FORMS: readonly Form[] = ['ts', 'yaml']

/** What an inventory imports from 'keel' to define a part of it. */
export const CALLS: Readonly<Record<DefinitionKind, string>> = {
  cluster: 'defineCluster',
  host: 'defineHost',
  secrets: 'defineSecrets',
}

export interface InventoryFiles {
  readonly files: readonly DefinitionFile[]
  /** Folders below hosts/ that hold no host's file. */
  readonly strays: readonly string[]
  readonly faults: readonly Fault[]
}

export const secretsFiles: readonly string[] = FORMS.map((form) => `secrets.${form}`)

/** Which files an inventory is made of; what is missing or there twice is a fault. */
export function inventoryFiles(directory: string): InventoryFiles {
  const root = join(directory, 'hosts')
  const folders = existsSync(root)
    ? readdirSync(root)
        .filter((name) => statSync(join(root, name), { throwIfNoEntry: false })?.isDirectory() === true)
        .sort()
    : []
  const secrets = formsOf(directory, 'secrets')
  const cluster = formsOf(directory, 'hosts/cluster')
  const hosts = folders.map((name) => ({ name, ...formsOf(directory, `hosts/${name}/host`) }))
  return {
    files: [
      ...secrets.forms.map(
        (form): DefinitionFile => ({ kind: 'secrets', form, file: `secrets.${form}`, subject: `secrets.${form}` }),
      ),
      ...cluster.forms.map(
        (form): DefinitionFile => ({ kind: 'cluster', form, file: `hosts/cluster.${form}`, subject: 'hosts/cluster' }),
      ),
      ...hosts.flatMap(({ name, forms }) =>
        forms.map(
          (form): DefinitionFile => ({ kind: 'host', form, file: `hosts/${name}/host.${form}`, subject: `hosts/${name}` }),
        ),
      ),
    ],
    strays: hosts.filter(({ forms, faults }) => forms.length + faults.length === 0).map(({ name }) => name),
    faults: [
      ...[secrets, cluster, ...hosts].flatMap(({ faults }) => faults),
      ...(cluster.forms.length + cluster.faults.length === 0 ? [NO_CLUSTER] : []),
      ...(hosts.every(({ forms, faults }) => forms.length + faults.length === 0) ? [NO_HOSTS] : []),
    ],
  }
}

function formsOf(directory: string, stem: string): { readonly forms: readonly Form[]; readonly faults: readonly Fault[] } {
  const has = (ending: string) => existsSync(join(directory, `${stem}.${ending}`))
  const forms = FORMS.filter(has)
  const [first, second] = forms
  if (second !== undefined) {
    return {
      forms: [],
      faults: [
        {
          code: 'two-forms',
          at: `${stem}.${second}`,
          found: `there is ${stem}.${first}, too`,
          why: 'both say the same thing, and only one of them could count',
          todo: 'keep one of the two',
        },
      ],
    }
  }
  if (!has('yml')) return { forms, faults: [] }
  return {
    forms,
    faults: [
      {
        code: 'file-ending',
        at: `${stem}.yml`,
        found: 'a file that ends in .yml',
        why: 'keel reads .yaml, so this one would be ignored',
        todo: first === undefined ? `rename it: ${stem}.yaml` : `take it away, or keep it in place of ${stem}.${first}`,
      },
    ],
  }
}

const NO_CLUSTER: Fault = {
  code: 'no-cluster-file',
  at: 'hosts/cluster.ts',
  found: 'there is no such file, nor a hosts/cluster.yaml',
  why: 'it says what all hosts share',
  todo: 'write it: `export default defineCluster({})`, or `{}` in YAML, takes every default',
}

const NO_HOSTS: Fault = {
  code: 'no-hosts',
  at: 'hosts',
  found: 'there is no host',
  why: 'a cluster has at least one server',
  todo: 'write hosts/NAME/host.ts (or host.yaml), or use `keel add-node`',
}
