import { join } from 'node:path'
import type { Fault } from '../../errors.ts'
import type { DefinitionFile, Form } from '../definition-file.ts'
import { entriesBelow, namesOf } from './entries.ts'
import { linkedFiles } from './linked-files.ts'
import { misplacedFiles } from './misplaced-files.ts'

const FORMS: readonly Form[] = ['ts', 'yaml']

export interface InventoryFiles {
  readonly files: readonly DefinitionFile[]
  /** Folders below hosts/ without a file of a host. */
  readonly strays: readonly string[]
  readonly faults: readonly Fault[]
}

export const secretsFiles: readonly string[] = FORMS.map((form) => `secrets.${form}`)

/**
 * The files of an inventory. A missing file, and one that is there in both forms, is a fault.
 * @throws KeelError `inventory-read` (exit 2)
 */
export function inventoryFiles(directory: string): InventoryFiles {
  const entriesIn = entriesBelow(directory)
  const folders = namesOf(entriesIn('hosts'), 'folder')
  const links = linkedFiles(directory, folders, entriesIn)
  const isLinked = (start: string) => links.some(({ at }) => at?.startsWith(start) === true)
  const real = (folder: string) =>
    new Set([...entriesIn(folder).keys()].filter((name) => !isLinked(join(folder, name))))
  const secrets = formsOf(real(''), 'secrets', '')
  const cluster = formsOf(real('hosts'), 'cluster', 'hosts/')
  const hosts = folders.map((name) => ({ name, ...formsOf(real(`hosts/${name}`), 'host', `hosts/${name}/`) }))
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
          (form): DefinitionFile => ({
            kind: 'host',
            form,
            file: `hosts/${name}/host.${form}`,
            subject: `hosts/${name}`,
          }),
        ),
      ),
    ],
    strays: hosts.filter((host) => isNothing(host) && !isLinked(`hosts/${host.name}/`)).map(({ name }) => name),
    faults: [
      ...links,
      ...misplacedFiles(directory, folders, entriesIn),
      ...[secrets, cluster, ...hosts].flatMap(({ faults }) => faults),
      ...(isNothing(cluster) && !isLinked('hosts/cluster.') ? [NO_CLUSTER] : []),
      ...(hosts.every(isNothing) && links.length === 0 ? [NO_HOSTS] : []),
    ],
  }
}

interface Forms {
  readonly forms: readonly Form[]
  readonly faults: readonly Fault[]
}

function isNothing({ forms, faults }: Forms): boolean {
  return forms.length + faults.length === 0
}

function formsOf(names: ReadonlySet<string>, stem: string, folder: string): Forms {
  const forms = FORMS.filter((form) => names.has(`${stem}.${form}`))
  const [first, second] = forms
  if (second !== undefined) {
    const fault: Fault = {
      code: 'two-forms',
      at: `${folder}${stem}.${second}`,
      found: `there is ${folder}${stem}.${first}, too`,
      why: 'both define the same thing, and keel could use only one of them',
      todo: 'keep one of the two',
    }
    return { forms: [], faults: [fault] }
  }
  if (!names.has(`${stem}.yml`)) return { forms, faults: [] }
  const fault: Fault = {
    code: 'file-ending',
    at: `${folder}${stem}.yml`,
    found: 'a file that ends in .yml',
    why: 'keel reads only .yaml, and would ignore this file',
    todo: first === undefined ? `rename it: ${stem}.yaml` : `remove it, or keep it instead of ${stem}.${first}`,
  }
  return { forms, faults: [fault] }
}

const NO_CLUSTER: Fault = {
  code: 'no-cluster-file',
  at: 'hosts/cluster.ts',
  found: 'no such file, and no hosts/cluster.yaml',
  why: 'it contains what all hosts share',
  todo: 'create it with `export default defineCluster({})`, or `{}` in YAML, to use every default',
}

const NO_HOSTS: Fault = {
  code: 'no-hosts',
  at: 'hosts',
  found: 'the inventory has no host',
  why: 'a cluster has at least one server',
  todo: 'write hosts/NAME/host.ts (or host.yaml), or use `keel add-node`',
}
