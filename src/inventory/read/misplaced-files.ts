import type { Fault } from '../../errors.ts'
import { readInventoryFile } from '../../files/inventory-file.ts'
import type { DefinitionKind } from '../../model/definition.ts'
import { nearest } from '../../model/text/nearest.ts'
import { type EntriesIn, type Entry, namesOf } from './entries.ts'
import { isHostBeyondDoubt } from './host-beyond-doubt.ts'

/** A definition has a few kilobytes. A larger file is something else. */
const MOST_BYTES = 1 << 20

/** Endings of definitions, and endings that a user may take for one. */
const ENDING = /\.(?:[cm]?[jt]s|ya?ml|json)$/i

/** The parts of a text that show which definition it is. */
const CALL: Readonly<Record<DefinitionKind, RegExp>> = {
  host: /\bdefineHost\s*\(/,
  cluster: /\bdefineCluster\s*\(/,
  secrets: /\bdefineSecrets\s*\(/,
}
const KEYS: Readonly<Record<DefinitionKind, RegExp>> = {
  host: /^\s*["']?(?:role|address|hostKey)["']?\s*:/m,
  cluster: /^["']?(?:firstServer|datastore|networks)["']?\s*:/m,
  secrets: /^["']?admins["']?\s*:/m,
}

interface Inventory {
  readonly directory: string
  readonly entriesIn: EntriesIn
}

/**
 * Finds definitions that keel would ignore, because their file has another name or place than keel reads:
 * `hosts/nova.ts`, `hosts/nova/hosts.ts`, a `secret.ts`. A host that keel does not read counts as removed from the
 * inventory. A file that others import is not a definition.
 * @param folders the names of folders below hosts/
 */
export function misplacedFiles(directory: string, folders: readonly string[], entriesIn: EntriesIn): readonly Fault[] {
  const inventory = { directory, entriesIn }
  return [
    ...inRoot(inventory),
    ...filesIn(inventory, 'secrets').flatMap((name) => misplaced(inventory, `secrets/${name}`)),
    ...inHosts(inventory),
    ...inFoldersLikeHosts(inventory),
    ...inOtherFolders(inventory),
    ...folders.flatMap((name) => inHost(inventory, name)),
  ]
}

/**
 * Most files there do not belong to keel. A file with another name than a definition counts as one only if there is no
 * doubt.
 */
function inRoot(inventory: Inventory): readonly Fault[] {
  return filesIn(inventory, '')
    .filter((name) => !/^secrets\.(?:ts|ya?ml)$/.test(name))
    .filter((name) => nearest(stemOf(name), ['secrets', 'cluster', 'host']) !== undefined || isSurely(inventory, name))
    .flatMap((name) => misplaced(inventory, name))
}

/** `nova/host.yaml`: hosts/ is missing. */
function inOtherFolders(inventory: Inventory): readonly Fault[] {
  return foldersIn(inventory, '')
    .filter((folder) => !folder.startsWith('.') && folder !== 'secrets' && !/^hosts?$/i.test(folder))
    .flatMap((folder) =>
      filesIn(inventory, folder)
        .filter((name) => /^host\.(?:ts|ya?ml)$/.test(name) && isSurely(inventory, `${folder}/${name}`))
        .map((name) => fault(`${folder}/${name}`, `hosts/${folder}/host.${formOf(name)}`)),
    )
}

/**
 * Code names what it defines, and may also make definitions for others. Other texts are recognised by the keys of a
 * host.
 */
function isSurely(inventory: Inventory, file: string): boolean {
  const text = textOf(inventory, file)
  return isCode(file) ? exportsDefinition(text) : isHostBeyondDoubt(text)
}

/** `export default defineHost(…)`, or another name for the same function. */
function exportsDefinition(text: string): boolean {
  const [, name] = /\bexport\s+default\s+(\w+)/.exec(text) ?? []
  const define = 'define(?:Host|Cluster|Secrets)\\s*\\('
  return (
    name !== undefined &&
    new RegExp(`\\bexport\\s+default\\s+${define}|\\bconst\\s+${name}\\b[^=]*=\\s*${define}`).test(text)
  )
}

function inHosts(inventory: Inventory): readonly Fault[] {
  return filesIn(inventory, 'hosts')
    .filter((name) => !/^cluster\.(?:ts|ya?ml)$/.test(name))
    .flatMap((name) => {
      const file = `hosts/${name}`
      const isCluster = stemOf(name).toLowerCase() === 'cluster'
      return isCluster ? [fault(file, `hosts/cluster.${formOf(name)}`)] : misplaced(inventory, file)
    })
}

/** `host/nova.yaml`, `Hosts/nova/host.yaml`: the folder has almost the right name. */
function inFoldersLikeHosts(inventory: Inventory): readonly Fault[] {
  return foldersIn(inventory, '')
    .filter((folder) => folder !== 'hosts' && /^hosts?$/i.test(folder))
    .flatMap((folder) => [
      ...filesIn(inventory, folder).flatMap((name) => misplaced(inventory, `${folder}/${name}`)),
      ...foldersIn(inventory, folder).flatMap((host) =>
        filesIn(inventory, `${folder}/${host}`)
          .filter((name) => /^host\.(?:ts|ya?ml)$/i.test(name))
          .map((name) => fault(`${folder}/${host}/${name}`, `hosts/${host}/host.${formOf(name)}`)),
      ),
    ])
}

function inHost(inventory: Inventory, host: string): readonly Fault[] {
  const folder = `hosts/${host}`
  const names = filesIn(inventory, folder)
  const isRead = names.some((name) => /^host\.(?:ts|ya?ml)$/.test(name))
  const others = names.filter((name) => !/^host\.(?:ts|ya?ml)$/.test(name))
  const misspelt = others.flatMap((name) => {
    const file = `${folder}/${name}`
    const isLike = stemOf(name).toLowerCase() === 'host' || nearest(stemOf(name), ['host']) !== undefined
    const counts = isRead ? isLike && kindOf(inventory, file) === 'host' : isLike || kindOf(inventory, file) === 'host'
    return counts ? [fault(file, `${folder}/host.${formOf(name)}`)] : []
  })
  const ofOthers = others.flatMap((name) => {
    const kind = kindOf(inventory, `${folder}/${name}`)
    const isNamed = nearest(stemOf(name), ['cluster', 'secrets']) !== undefined
    return isNamed && (kind === 'cluster' || kind === 'secrets') ? misplaced(inventory, `${folder}/${name}`) : []
  })
  const deeper = foldersIn(inventory, folder).flatMap((inner) =>
    filesIn(inventory, `${folder}/${inner}`)
      .filter((name) => /^host\.(?:ts|ya?ml)$/.test(name))
      .map((name) => fault(`${folder}/${inner}/${name}`, `hosts/${inner}/host.${formOf(name)}`)),
  )
  return [...misspelt, ...ofOthers, ...deeper]
}

/** A definition, by its content, in a file from which keel reads none. */
function misplaced(inventory: Inventory, file: string): readonly Fault[] {
  const kind = kindOf(inventory, file)
  if (kind === undefined) return []
  const name = stemOf(file.slice(file.lastIndexOf('/') + 1))
  const form = formOf(file)
  const right = { host: `hosts/${name}/host.${form}`, cluster: `hosts/cluster.${form}`, secrets: `secrets.${form}` }[
    kind
  ]
  return [fault(file, right)]
}

function fault(at: string, right: string): Fault {
  return {
    code: 'misplaced-file',
    at,
    found: 'a definition that keel does not read',
    why: 'keel reads only secrets.ts, hosts/cluster.ts and hosts/NAME/host.ts (or .yaml), and would ignore this file',
    todo: `move it: \`git mv ${at} ${right}\`, or remove it`,
  }
}

function kindOf(inventory: Inventory, file: string): DefinitionKind | undefined {
  const text = textOf(inventory, file)
  if (isCode(file) && !/\bexport\s+default\b/.test(text)) return undefined
  const signs = isCode(file) ? CALL : KEYS
  const kind = (['host', 'cluster', 'secrets'] as const).find((one) => signs[one].test(text))
  // on one line, as in most JSON
  return kind ?? (!isCode(file) && isHostBeyondDoubt(text) ? 'host' : undefined)
}

function isCode(file: string): boolean {
  return /\.[cm]?[jt]s$/i.test(file)
}

/** Ignores files that can't be read, because a file that keel does not use may be anything. */
function textOf(inventory: Inventory, file: string): string {
  try {
    return readInventoryFile(inventory.directory, file, MOST_BYTES)?.toString('utf8') ?? ''
  } catch {
    return ''
  }
}

function filesIn(inventory: Inventory, folder: string): readonly string[] {
  return entriesOf(inventory, folder, 'file').filter((name) => ENDING.test(name))
}

function foldersIn(inventory: Inventory, folder: string): readonly string[] {
  return entriesOf(inventory, folder, 'folder')
}

/** linked-files.ts refuses links. About a folder that can't be read, this reports nothing either. */
function entriesOf({ entriesIn }: Inventory, folder: string, kind: Entry): readonly string[] {
  try {
    return namesOf(entriesIn(folder), kind)
  } catch {
    return []
  }
}

function stemOf(name: string): string {
  return name.replace(ENDING, '')
}

function formOf(name: string): 'ts' | 'yaml' {
  return /\.(?:ya?ml|json)$/i.test(name) ? 'yaml' : 'ts'
}
