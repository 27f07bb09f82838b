import type { Cluster } from '../model/cluster.ts'
import type { ParsedCluster } from '../model/schema/input.ts'
import type { Form } from './definition-file.ts'
import { type Definitions, parsePath } from './definitions.ts'
import { draftCluster } from './draft.ts'
import { findInventory } from './find-inventory.ts'
import { inventoryFiles } from './read/inventory-files.ts'
import { readDefinitions } from './read/read-definitions.ts'
import { type Check, resolveCluster } from './resolve.ts'
import { refreshEditorFiles } from './write/editor-files.ts'

export interface Inventory {
  /** Absolute, symbolic links resolved: the folder of secrets.ts or secrets.yaml. */
  readonly directory: string
  readonly cluster: Cluster
  /**
   * `hosts/maia taints[0]`, `hosts/maia`, `secrets/k3s-server-token.age` → `hosts/maia/host.ts:7:12`. An unknown name
   * stays unchanged.
   */
  readonly locate: (path: string) => string
  /**
   * The file of a host, relative to the directory. For a host that does not exist yet, the file that it would have, in
   * the form of hosts/cluster.
   */
  readonly hostFile: (name: string) => HostFile
  /** The defaults of hosts/cluster for hosts that do not set these values. */
  readonly defaults: () => NonNullable<ParsedCluster['defaults']>
}

export interface HostFile {
  readonly form: Form
  readonly path: string
}

/**
 * Reads the inventory that contains a directory, fresh from disk, and checks all of it. Updates the files that help the
 * editor.
 * @param access `look`: writes nothing, not even for the editor
 * @throws KeelError `no-inventory` (exit 2); FaultsError (exit 2) with every fault and its place
 */
export async function loadInventory(startDirectory: string, access: 'look' | 'change' = 'change'): Promise<Inventory> {
  const directory = findInventory(startDirectory)
  const files = inventoryFiles(directory)
  if (access === 'change') refreshEditorFiles(directory, files.files)
  const definitions = await readDefinitions(directory, files)
  return {
    directory,
    cluster: resolveCluster(definitions, await checksFor(definitions)),
    locate: (path) => locate(definitions, path),
    hostFile: (name) => hostFile(definitions, name),
    defaults: () => draftCluster(definitions.cluster).values.defaults ?? {},
  }
}

/** Reading manifests needs a parser of YAML, which few inventories need. */
async function checksFor({ cluster, hosts, manifestFiles }: Definitions): Promise<Check[]> {
  const hasManifests =
    manifestFiles !== undefined ||
    [cluster, ...hosts].some(({ input }) => typeof input === 'object' && input !== null && 'manifests' in input)
  return hasManifests ? [(await import('./check/check-manifests.ts')).checkManifests] : []
}

function locate({ cluster, secrets, hosts }: Definitions, path: string): string {
  const secret = /^secrets\/(.+)\.age$/.exec(path)?.[1]
  if (secret !== undefined) return secrets.locate(['secrets', secret])
  const [subject = '', ...rest] = path.split(' ')
  const names = [subject, subject.replace(/(\/host)?\.(ts|yaml)$/, '')]
  const found = [cluster, secrets, ...hosts].find((one) => names.includes(one.subject))
  return found?.locate(parsePath(rest.join(' '))) ?? path
}

function hostFile({ cluster, hosts }: Definitions, name: string): HostFile {
  const known = hosts.find((host) => host.name === name)?.file
  const form = (known ?? cluster.file).endsWith('.yaml') ? 'yaml' : 'ts'
  return { form, path: known ?? `hosts/${name}/host.${form}` }
}
