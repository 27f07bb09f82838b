import { lstatSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '../../errors.ts'
import { inventoryNames, readInventoryFile } from '../../files/inventory-file.ts'
import type { DefinitionKind } from '../../model/definition.ts'
import { nearest } from '../../model/nearest.ts'
import { isHostBeyondDoubt } from './host-beyond-doubt.ts'

/** A definition has a few kilobytes; what is larger is something else. */
const MOST_BYTES = 1 << 20

/** In what a definition is written, or might be by somebody who has not looked it up. */
const ENDING = /\.(?:[cm]?[jt]s|ya?ml|json)$/i

/** What of a text tells which definition it is. */
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

/**
 * Definitions that keel would pass over, as their file has another name or place than it reads: `hosts/nova.ts`, `hosts/nova/hosts.ts`, a `secret.ts`. A
 * host that is not read counts as taken out of the inventory. A file that others import is none.
 * @param folders the names of folders below hosts/
 */
export function misplacedFiles(directory: string, folders: readonly string[]): readonly Fault[] {
  return [
    ...inRoot(directory),
    ...filesIn(directory, 'secrets').flatMap((name) => misplaced(directory, `secrets/${name}`)),
    ...inHosts(directory),
    ...inFoldersLikeHosts(directory),
    ...inOtherFolders(directory),
    ...folders.flatMap((name) => inHost(directory, name)),
  ]
}

/** Most files there are somebody else's: what has another name than a definition is one only beyond doubt. */
function inRoot(directory: string): readonly Fault[] {
  return filesIn(directory, '')
    .filter((name) => !/^secrets\.(?:ts|ya?ml)$/.test(name))
    .filter((name) => nearest(stemOf(name), ['secrets', 'cluster', 'host']) !== undefined || isSurely(directory, name))
    .flatMap((name) => misplaced(directory, name))
}

/** `nova/host.yaml`: hosts/ is missing. */
function inOtherFolders(directory: string): readonly Fault[] {
  return foldersIn(directory, '')
    .filter((folder) => !folder.startsWith('.') && folder !== 'secrets' && !/^hosts?$/i.test(folder))
    .flatMap((folder) =>
      filesIn(directory, folder)
        .filter((name) => /^host\.(?:ts|ya?ml)$/.test(name) && isSurely(directory, `${folder}/${name}`))
        .map((name) => fault(`${folder}/${name}`, `hosts/${folder}/host.${formOf(name)}`)),
    )
}

/** Code names what it defines, and may also make definitions for others; other texts are asked for a host's keys. */
function isSurely(directory: string, file: string): boolean {
  const text = textOf(directory, file)
  return isCode(file) ? exportsDefinition(text) : isHostBeyondDoubt(text)
}

/** `export default defineHost(…)`, or a name that stands for that. */
function exportsDefinition(text: string): boolean {
  const [, name] = /\bexport\s+default\s+(\w+)/.exec(text) ?? []
  const define = 'define(?:Host|Cluster|Secrets)\\s*\\('
  return (
    name !== undefined && new RegExp(`\\bexport\\s+default\\s+${define}|\\bconst\\s+${name}\\b[^=]*=\\s*${define}`).test(text)
  )
}

function inHosts(directory: string): readonly Fault[] {
  return filesIn(directory, 'hosts')
    .filter((name) => !/^cluster\.(?:ts|ya?ml)$/.test(name))
    .flatMap((name) => {
      const file = `hosts/${name}`
      const isCluster = stemOf(name).toLowerCase() === 'cluster'
      return isCluster ? [fault(file, `hosts/cluster.${formOf(name)}`)] : misplaced(directory, file)
    })
}

/** `host/nova.yaml`, `Hosts/nova/host.yaml`: the folder has almost the right name. */
function inFoldersLikeHosts(directory: string): readonly Fault[] {
  return foldersIn(directory, '')
    .filter((folder) => folder !== 'hosts' && /^hosts?$/i.test(folder))
    .flatMap((folder) => [
      ...filesIn(directory, folder).flatMap((name) => misplaced(directory, `${folder}/${name}`)),
      ...foldersIn(directory, folder).flatMap((host) =>
        filesIn(directory, `${folder}/${host}`)
          .filter((name) => /^host\.(?:ts|ya?ml)$/i.test(name))
          .map((name) => fault(`${folder}/${host}/${name}`, `hosts/${host}/host.${formOf(name)}`)),
      ),
    ])
}

function inHost(directory: string, host: string): readonly Fault[] {
  const folder = `hosts/${host}`
  const names = filesIn(directory, folder)
  const isRead = names.some((name) => /^host\.(?:ts|ya?ml)$/.test(name))
  const others = names.filter((name) => !/^host\.(?:ts|ya?ml)$/.test(name))
  const misspelt = others.flatMap((name) => {
    const file = `${folder}/${name}`
    const isLike = stemOf(name).toLowerCase() === 'host' || nearest(stemOf(name), ['host']) !== undefined
    const counts = isRead ? isLike && kindOf(directory, file) === 'host' : isLike || kindOf(directory, file) === 'host'
    return counts ? [fault(file, `${folder}/host.${formOf(name)}`)] : []
  })
  const ofOthers = others.flatMap((name) => {
    const kind = kindOf(directory, `${folder}/${name}`)
    const isNamed = nearest(stemOf(name), ['cluster', 'secrets']) !== undefined
    return isNamed && (kind === 'cluster' || kind === 'secrets') ? misplaced(directory, `${folder}/${name}`) : []
  })
  const deeper = foldersIn(directory, folder).flatMap((inner) =>
    filesIn(directory, `${folder}/${inner}`)
      .filter((name) => /^host\.(?:ts|ya?ml)$/.test(name))
      .map((name) => fault(`${folder}/${inner}/${name}`, `hosts/${inner}/host.${formOf(name)}`)),
  )
  return [...misspelt, ...ofOthers, ...deeper]
}

/** A definition by its content, in a file from which none is read. */
function misplaced(directory: string, file: string): readonly Fault[] {
  const kind = kindOf(directory, file)
  if (kind === undefined) return []
  const name = stemOf(file.slice(file.lastIndexOf('/') + 1))
  const form = formOf(file)
  const right = { host: `hosts/${name}/host.${form}`, cluster: `hosts/cluster.${form}`, secrets: `secrets.${form}` }[kind]
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

function kindOf(directory: string, file: string): DefinitionKind | undefined {
  const text = textOf(directory, file)
  if (isCode(file) && !/\bexport\s+default\b/.test(text)) return undefined
  const signs = isCode(file) ? CALL : KEYS
  const kind = (['host', 'cluster', 'secrets'] as const).find((one) => signs[one].test(text))
  // on one line, as JSON often is
  return kind ?? (!isCode(file) && isHostBeyondDoubt(text) ? 'host' : undefined)
}

function isCode(file: string): boolean {
  return /\.[cm]?[jt]s$/i.test(file)
}

/** Of what can't be read nothing is said here: a file that keel does not read may be anything. */
function textOf(directory: string, file: string): string {
  try {
    return readInventoryFile(directory, file, MOST_BYTES)?.toString('utf8') ?? ''
  } catch {
    return ''
  }
}

function filesIn(directory: string, folder: string): readonly string[] {
  return namesOf(directory, folder, 'isFile').filter((name) => ENDING.test(name))
}

function foldersIn(directory: string, folder: string): readonly string[] {
  return namesOf(directory, folder, 'isDirectory')
}

/** Links are refused as links (linked-files.ts). */
function namesOf(directory: string, folder: string, kind: keyof Pick<Stats, 'isFile' | 'isDirectory'>): readonly string[] {
  try {
    const names = inventoryNames(directory, folder) ?? []
    return names
      .filter((name) => lstatSync(join(directory, folder, name), { throwIfNoEntry: false })?.[kind]() === true)
      .toSorted()
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
