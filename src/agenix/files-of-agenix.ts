import { basename } from 'node:path'
import { originOf } from '../templates/generated-text.ts'
import { repositoryFiles } from './repository-files.ts'

/**
 * The encrypted files of an inventory that something other than keel maintains: a secrets.nix that keel did not write
 * (its rules may be computed, so all of them count), or a NixOS configuration that names the file.
 * @param files relative to the folder
 */
export function filesOfAgenix(directory: string, files: readonly string[]): ReadonlySet<string> {
  if (files.length === 0) return new Set()
  const found = new Set<string>()
  for (const { path, text } of repositoryFiles(directory, '.nix')) {
    if (originOf(text) === 'generated') continue
    if (basename(path) === 'secrets.nix' && text.includes('publicKeys')) return new Set(files)
    for (const file of files) if (text.includes(basename(file))) found.add(file)
  }
  return found
}
