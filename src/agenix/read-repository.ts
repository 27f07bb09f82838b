import { readFileSync, statSync } from 'node:fs'
import { ExitCode, KeelError } from '../errors.ts'
import { machinesInNix } from './machines-in-nix.ts'
import { namesByNix, rulesByNix } from './nix-program.ts'
import { repositoryFiles } from './repository-files.ts'
import { type AgenixRepository, type NamedKey, recipientLines } from './rules.ts'

const MOST_BYTES = 1 << 20

/**
 * What an agenix repository's secrets.nix says, evaluated by Nix, and what the files around it say of the keys' owners.
 * @param root the repository's folder, at or above that of secrets.nix
 * @throws KeelError `agenix-file`, `agenix-needs-nix`, `agenix-nix` (exit 2)
 */
export async function readAgenixRepository(
  path: string,
  root: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AgenixRepository> {
  const text = readText(path)
  const rules = await rulesByNix(path, env)
  return {
    rules,
    names: [...(await namesOf(path, text, env)), ...keysInFiles(root)],
    machines: machinesInNix(repositoryFiles(root, '.nix')),
  }
}

function keysInFiles(root: string): readonly NamedKey[] {
  return [...repositoryFiles(root, '.pub')].flatMap(({ path, text }) =>
    recipientLines(text).map((key) => ({ place: 'file', path: path.slice(0, -'.pub'.length).split('/'), key }) as const),
  )
}

async function namesOf(
  path: string,
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly NamedKey[]> {
  try {
    return await namesByNix(path, env)
  } catch (error) {
    if (!(error instanceof KeelError)) throw error
    // Nix has read the rules: one binding that no rule uses is wrong, and the others still have names
    return [...text.matchAll(/(?<![\w'-])([A-Za-z_][\w'-]*)\s*=\s*"((?:ssh-|age1)[^"\\$]*)"/g)].map(
      ([, name = '', key = '']) => ({ place: 'let', path: [name], key }) as const,
    )
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
