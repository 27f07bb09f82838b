import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ExitCode, type Fault, FaultsError, KeelError } from '../errors.ts'
import type { Cluster } from '../model/cluster.ts'
import { type Definition, type DefinitionKind, isDefinition } from '../model/definition.ts'
import { type Definitions, type HostSource, parsePath, type Source } from './definitions.ts'
import { importFault } from './import-fault.ts'
import { type Imported, importFresh } from './import-fresh.ts'
import { placeIn } from './place.ts'
import { faultsOfEach, resolveCluster } from './resolve.ts'

export interface Inventory {
  /** Absolute, symbolic links resolved: where secrets.ts is. */
  readonly directory: string
  readonly cluster: Cluster
  /** `hosts/maia taints[0]`, `hosts/maia`, `secrets/k3s-server-token.age` → `hosts/maia/host.ts:7`; what is not known stays as it is. */
  readonly locate: (path: string) => string
}

const SECRETS_FILE = 'secrets.ts'
const CLUSTER_FILE = 'hosts/cluster.ts'

/**
 * Reads the inventory that a directory lies in, fresh from disk, and checks all of it.
 * @throws KeelError `no-inventory` (exit 2); FaultsError (exit 2) with every fault and its place.
 */
export async function loadInventory(startDirectory: string): Promise<Inventory> {
  const directory = findInventory(startDirectory)
  const definitions = await readDefinitions(directory)
  return { directory, cluster: resolveCluster(definitions), locate: (path) => locate(definitions, path) }
}

/** The nearest folder, from this one upward, that holds a secrets.ts. @throws KeelError `no-inventory` (exit 2). */
export function findInventory(startDirectory: string): string {
  const start = resolve(startDirectory)
  for (let directory = start; ; directory = dirname(directory)) {
    if (existsSync(join(directory, SECRETS_FILE))) return realpathSync(directory)
    if (directory === dirname(directory)) break
  }
  throw new KeelError({
    code: 'no-inventory',
    at: start,
    found: `no ${SECRETS_FILE} here or in a folder above`,
    todo: '`keel init DIR` makes an inventory; -C DIR names one',
    exit: ExitCode.Usage,
  })
}

/**
 * All definitions of an inventory, unchecked.
 * @throws FaultsError (exit 2) when a file is missing, can't be imported or defines something else; then with the faults of all other files, too.
 */
export async function readDefinitions(directory: string): Promise<Definitions> {
  const { names, strays } = hostFolders(directory)
  const files = [SECRETS_FILE, CLUSTER_FILE, ...names.map(hostFile)].filter((file) => existsSync(join(directory, file)))
  const read = (await importFresh(directory, files)).map((imported) => toSource(directory, imported))
  const sources = read.flatMap((one) => ('source' in one ? [one.source] : []))
  const faults = [...read.flatMap((one) => ('fault' in one ? [one.fault] : [])), ...missingFiles(files, names)]
  const secrets = sources.find((source) => source.subject === SECRETS_FILE)
  const cluster = sources.find((source) => source.subject === 'hosts/cluster')
  const hosts = sources.flatMap((source): HostSource[] => {
    const name = names.find((candidate) => source.subject === `hosts/${candidate}`)
    return name === undefined || source === cluster ? [] : [{ ...source, name }]
  })
  if (faults.length > 0 || cluster === undefined || secrets === undefined) {
    throw new FaultsError([...faults, ...faultsOfEach({ cluster, secrets, hosts })])
  }
  return { cluster, secrets, hosts, strays }
}

function hostFolders(directory: string): { readonly names: string[]; readonly strays: string[] } {
  const root = join(directory, 'hosts')
  const folders = existsSync(root)
    ? readdirSync(root).filter((name) => statSync(join(root, name), { throwIfNoEntry: false })?.isDirectory() === true)
    : []
  const has = (name: string) => existsSync(join(directory, hostFile(name)))
  return { names: folders.filter(has).sort(), strays: folders.filter((name) => !has(name)).sort() }
}

function missingFiles(files: readonly string[], names: readonly string[]): Fault[] {
  const faults: Fault[] = []
  if (!files.includes(CLUSTER_FILE)) {
    faults.push({
      code: 'no-cluster-file',
      at: CLUSTER_FILE,
      found: 'there is no such file',
      why: 'it says what all hosts share',
      todo: 'write it: `export default defineCluster({})` takes every default',
    })
  }
  if (names.length === 0) {
    faults.push({
      code: 'no-hosts',
      at: 'hosts',
      found: 'there is no host',
      why: 'a cluster has at least one server',
      todo: 'write hosts/NAME/host.ts, or use `keel add-node`',
    })
  }
  return faults
}

const hostFile = (name: string) => `hosts/${name}/host.ts`

function toSource(directory: string, imported: Imported): { readonly source: Source } | { readonly fault: Fault } {
  const { file } = imported
  if ('error' in imported) return { fault: importFault(directory, imported) }
  const kind: DefinitionKind = file === SECRETS_FILE ? 'secrets' : file === CLUSTER_FILE ? 'cluster' : 'host'
  const value = 'default' in imported.module ? imported.module.default : undefined
  if (isDefinition(value) && value.kind === kind) return { source: source(directory, file, value) }
  return { fault: notADefinition(file, kind, value, 'default' in imported.module) }
}

function source(directory: string, file: string, definition: Definition): Source {
  return {
    subject: file === SECRETS_FILE ? file : file.replace(/(\/host)?\.ts$/, ''),
    input: definition.input,
    locate: (path) => placeIn(directory, file, definition, path),
  }
}

function notADefinition(file: string, kind: DefinitionKind, value: unknown, hasDefault: boolean): Fault {
  const wanted = `define${kind[0]?.toUpperCase()}${kind.slice(1)}`
  const found = isDefinition(value)
    ? `its default export defines ${value.kind === 'secrets' ? 'secrets' : `a ${value.kind}`}`
    : hasDefault
      ? 'its default export is no definition'
      : 'it has no default export'
  return {
    code: 'no-definition',
    at: `${file}:1`,
    found,
    todo: `write: export default ${wanted}({ … }), with ${wanted} from 'keel'`,
  }
}

function locate({ cluster, secrets, hosts }: Definitions, path: string): string {
  const secret = /^secrets\/(.+)\.age$/.exec(path)?.[1]
  if (secret !== undefined) return secrets.locate(['secrets', secret])
  const [subject = '', ...rest] = path.split(' ')
  const names = [subject, subject.replace(/(\/host)?\.ts$/, '')]
  const found = [cluster, secrets, ...hosts].find((one) => names.includes(one.subject))
  return found?.locate(parsePath(rest.join(' '))) ?? path
}
