import { existsSync, realpathSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { ExitCode, hasCode, KeelError, systemCode } from '../errors.ts'
import { readInventoryFile } from '../files/inventory-file.ts'
import { machinesInNix } from './machines-in-nix.ts'
import { namesByNix, rulesByNix } from './nix-program.ts'
import { repositoryFiles } from './repository-files.ts'
import { type AgenixRepository, type NamedKey, recipientLines } from './rules.ts'

const MOST_BYTES = 1 << 20

/**
 * The secrets.nix of an agenix repository, evaluated by Nix, and what the files around it show about the owners of its
 * keys.
 * @param root the folder of the repository, which contains secrets.nix, directly or in a folder below
 * @throws KeelError `agenix-file`, `agenix-needs-nix`, `agenix-nix` (exit 2)
 */
export async function readAgenixRepository(
  path: string,
  root: string,
  env: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<AgenixRepository> {
  const place = { root: readable(path, root), signal }
  const text = readText(path, place.root)
  const rules = await rulesByNix(path, env, place)
  return {
    rules,
    names: [...(await namesOf(path, text, env, place)), ...keysInFiles(root)],
    machines: machinesInNix(repositoryFiles(root, '.nix')),
  }
}

function keysInFiles(root: string): readonly NamedKey[] {
  return [...repositoryFiles(root, '.pub')].flatMap(({ path, text }) =>
    recipientLines(text).map(
      (key) => ({ place: 'file', path: path.slice(0, -'.pub'.length).split('/'), key }) as const,
    ),
  )
}

async function namesOf(
  path: string,
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  place: { readonly root: string; readonly signal: AbortSignal | undefined },
): Promise<readonly NamedKey[]> {
  try {
    return await namesByNix(path, env, place)
  } catch (error) {
    if (!(error instanceof KeelError)) throw error
    // Nix has read the rules, so only a binding that no rule uses is wrong; the other keys still have names
    return [...text.matchAll(/(?<![\w'-])([A-Za-z_][\w'-]*)\s*=\s*"((?:ssh-|age1)[^"\\$]*)"/g)].map(
      ([, name = '', key = '']) => ({ place: 'let', path: [name], key }) as const,
    )
  }
}

/** The repository; or the folder of the file, if no repository contains it. */
function readable(path: string, root: string): string {
  return existsSync(path) && existsSync(root) && !relative(realpathSync(root), realpathSync(path)).startsWith('..')
    ? root
    : dirname(path)
}

/**
 * The file that the user named may be a link. All other files of the repository are read like those of an inventory.
 */
function readText(path: string, root: string): string {
  try {
    const bytes = readInventoryFile(root, relative(realpathSync(root), realpathSync(path)), MOST_BYTES)
    if (bytes !== undefined) return bytes.toString()
  } catch (error) {
    if (error instanceof KeelError) throw unread(path, error.found)
    if (!hasCode(error, 'ENOENT')) throw unread(path, `it can't be read: ${systemCode(error)}`)
  }
  throw unread(path, "it can't be read: ENOENT")
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
