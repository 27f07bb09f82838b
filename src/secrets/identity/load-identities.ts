import { readFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { ExitCode, KeelError } from '../../errors.ts'
import type { AgeIdentity } from './identity.ts'
import { parseIdentities } from './parse-identities.ts'

/** In this order, as agenix and age's users have them. */
const DEFAULTS = ['.ssh/id_ed25519', '.ssh/id_rsa']

/**
 * The private keys to decrypt with, in the order in which they are tried.
 * @param options.files what the user named; none: `~/.ssh/id_ed25519`, then `~/.ssh/id_rsa`, those that exist
 * @throws KeelError `identity` (exit 2) when a named file or all of the default ones are missing, or one can't be read as a key.
 */
export async function loadIdentities(options: {
  readonly files: readonly string[]
  readonly home: string
  readonly cwd: string
}): Promise<readonly AgeIdentity[]> {
  if (options.files.length > 0) {
    const named = await Promise.all(options.files.map((file) => load(isAbsolute(file) ? file : join(options.cwd, file), file)))
    return named.flatMap((identities, index) => identities ?? missing(options.files[index] ?? ''))
  }
  const found = await Promise.all(DEFAULTS.map((file) => loadDefault(join(options.home, file), `~/${file}`)))
  const identities = found.flatMap((each) => each ?? [])
  if (identities.length === 0) missing(DEFAULTS.map((file) => `~/${file}`).join(' and '))
  return identities
}

/** A default key that keel can't use is in nobody's way until it is its turn: another may fit before. */
async function loadDefault(path: string, source: string): Promise<readonly AgeIdentity[] | undefined> {
  try {
    return await load(path, source)
  } catch (error) {
    const unwrapFileKey = () => {
      throw error
    }
    return [{ source, publicKey: undefined, unwrapFileKey }]
  }
}

async function load(path: string, source: string): Promise<readonly AgeIdentity[] | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined
    throw new KeelError({ code: 'identity', at: source, found: 'this private key can not be read', exit: ExitCode.Usage, cause })
  }
  return parseIdentities(text, source)
}

function missing(what: string): never {
  throw new KeelError({
    code: 'identity',
    at: what,
    found: 'no private key there',
    why: 'decrypting a secret takes the private key of one of its readers',
    todo: 'name one with --identity FILE: an OpenSSH private key or an age identity file',
    exit: ExitCode.Usage,
  })
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
