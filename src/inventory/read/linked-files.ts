import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from '../../errors.ts'
import { linked } from '../../files/inventory-file.ts'
import { nearest } from '../../model/text/nearest.ts'
import { type EntriesIn, namesOf } from './entries.ts'

/** The endings of definitions. */
const ENDING = /\.(?:[cm]?[jt]s|ya?ml|json)$/i

/**
 * Finds links at the places of definitions. If keel followed them, they could lead anywhere. If it ignored them, a host
 * would count as removed.
 * @param folders the names of real folders below hosts/
 */
export function linkedFiles(directory: string, folders: readonly string[], entriesIn: EntriesIn): readonly Fault[] {
  const linksIn = (folder: string) => namesOf(entriesIn(folder), 'link')
  return [
    ...linksIn('')
      .filter((name) => /^secrets\.(?:ts|ya?ml)$/.test(name))
      .map((name) => linked(name)),
    ...linksIn('hosts').flatMap((name) => inHosts(directory, name)),
    ...folders.flatMap((host) =>
      inHost(`hosts/${host}`, [...entriesIn(`hosts/${host}`).keys()], linksIn(`hosts/${host}`)),
    ),
  ]
}

function inHosts(directory: string, name: string): readonly Fault[] {
  const file = `hosts/${name}`
  if (/^cluster\.(?:ts|ya?ml)$/.test(name)) return [linked(file)]
  if (!ENDING.test(name)) return isFile(join(directory, file)) ? [] : [linked(file)]
  const form = /\.(?:ya?ml|json)$/i.test(name) ? 'yaml' : 'ts'
  return [linked(file, `put the file itself at hosts/${name.replace(ENDING, '')}/host.${form}, or remove the link`)]
}

/** The folder of a host may contain links of its user, which keel does not read. */
function inHost(folder: string, names: readonly string[], links: readonly string[]): readonly Fault[] {
  const isRead = names.some((name) => /^host\.(?:ts|ya?ml)$/.test(name) && !links.includes(name))
  return links
    .filter((name) => ENDING.test(name) && (!isRead || nearest(name.replace(ENDING, ''), ['host']) !== undefined))
    .map((name) => linked(`${folder}/${name}`))
}

/** This looks only at where the link leads, and reads nothing there. */
function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true
  } catch {
    return false
  }
}
