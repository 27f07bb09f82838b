import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { ExitCode, KeelError } from '../errors.ts'
import type { ReadImport } from './nix-evaluate.ts'
import { evaluateWithNix } from './nix-program.ts'
import { type AgenixRepository, type NamedKey, readAgenixRules } from './rules.ts'
import { Unreadable } from './unreadable.ts'

const MOST_BYTES = 1 << 20

/**
 * What an agenix repository's secrets.nix says: evaluated by Nix where it is installed, else by keel's reader of its usual forms. The names of keys
 * stand in the text alone, so they come from the reader in both cases, as far as it gets.
 * @throws KeelError `agenix-file`, `agenix-nix`, `agenix-unreadable` (exit 2)
 */
export async function readAgenixRepository(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AgenixRepository & { readonly by: 'Nix' | "keel's reader" }> {
  const text = readText(path)
  const rules = await evaluateWithNix(path, env)
  if (rules === undefined) return { ...readOrSay(path, text), by: "keel's reader" }
  return { rules, names: namesOf(path, text), by: 'Nix' }
}

function readOrSay(path: string, text: string): AgenixRepository {
  try {
    return readAgenixRules(text, readerIn(dirname(path)))
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    throw new KeelError({
      code: 'agenix-unreadable',
      at: `${error.file ?? basename(path)}:${error.line}`,
      found: `${error.message}`,
      why: "Nix is not installed here, and keel's own reader takes nothing that it does not know exactly",
      todo: 'install Nix (Debian: apt-get install nix-bin), or write that place in a plainer form',
      exit: ExitCode.Usage,
      cause: error,
    })
  }
}

function namesOf(path: string, text: string): readonly NamedKey[] {
  try {
    return readAgenixRules(text, readerIn(dirname(path))).names
  } catch {
    // Nix has read the rules; what follows is for names only
    return [...text.matchAll(/([A-Za-z_][\w'-]*)\s*=\s*"((?:ssh-|age1)[^"\\$]*)"/g)].map(([, name = '', key = '']) => ({
      path: [name],
      key,
    }))
  }
}

function readerIn(folder: string): ReadImport {
  return (path) => {
    const file = resolve(folder, path)
    const target = statSync(file).isDirectory() ? resolve(file, 'default.nix') : file
    return { text: readText(target), read: readerIn(dirname(target)) }
  }
}

function readText(path: string): string {
  try {
    if (statSync(path).size > MOST_BYTES) throw unread(path, 'it has more than a megabyte')
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof KeelError) throw error
    throw unread(path, error instanceof Error && 'code' in error ? `it can't be read: ${error.code}` : "it can't be read")
  }
}

function unread(at: string, found: string): KeelError {
  return new KeelError({
    code: 'agenix-file',
    at,
    found,
    todo: "name the repository's secrets.nix: keel init --from-agenix PATH/secrets.nix",
    exit: ExitCode.Usage,
  })
}
