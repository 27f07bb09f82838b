import { readFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { ExitCode, hasCode, KeelError, systemCode } from '../../errors.ts'
import { type HiddenInput, noHiddenInput } from '../../terminal/hidden-input.ts'
import type { AgeIdentity, IdentitySource } from './identity.ts'
import { parseIdentities } from './parse-identities.ts'

/** The default files of agenix, in its order (`decrypt` in its agenix.sh). */
const DEFAULTS = ['.ssh/id_rsa', '.ssh/id_ed25519']

/**
 * The private keys for decryption, in the order in which keel tries them.
 * @param options.files the files that the user named; none: `~/.ssh/id_rsa`, then `~/.ssh/id_ed25519`, if they exist
 * @throws KeelError `identity` (exit 2) if a named file or all of the default ones are missing, or if one is not a key
 */
export async function loadIdentities(options: {
  readonly files: readonly string[]
  readonly home: string
  readonly cwd: string
  /** Asks for passphrases. */
  readonly input?: HiddenInput
}): Promise<readonly AgeIdentity[]> {
  const { input = noHiddenInput } = options
  if (options.files.length > 0) {
    const named = await Promise.all(
      options.files.map((file) =>
        load({ path: isAbsolute(file) ? file : join(options.cwd, file), source: file, input }),
      ),
    )
    return named.flatMap((identities, index) => identities ?? missing(options.files[index] ?? ''))
  }
  const found = await Promise.all(
    DEFAULTS.map((file) => loadDefault({ path: join(options.home, file), source: `~/${file}`, input })),
  )
  const identities = found.flatMap((each) => each ?? [])
  if (identities.length === 0) missing(DEFAULTS.map((file) => `~/${file}`).join(' and '))
  return identities
}

/** A default key that keel can't use is an error only when keel tries it, because an earlier key may fit. */
async function loadDefault(from: IdentitySource): Promise<readonly AgeIdentity[] | undefined> {
  try {
    return await load(from)
  } catch (error) {
    const unwrapFileKey = () => {
      throw error
    }
    return [{ source: from.source, publicKey: undefined, unwrapFileKey }]
  }
}

async function load(from: IdentitySource): Promise<readonly AgeIdentity[] | undefined> {
  let contents: Buffer
  try {
    contents = await readFile(from.path)
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return undefined
    throw new KeelError({
      code: 'identity',
      at: from.source,
      found: `this private key can't be read (${systemCode(cause)})`,
      todo: 'name a file that you may read: an OpenSSH private key or an age identity file',
      exit: ExitCode.Usage,
      cause,
    })
  }
  const { signal } = from.input
  return (await parseIdentities(contents, from)).map((identity) => ({
    ...identity,
    unwrapFileKey(stanzas) {
      signal?.throwIfAborted()
      return identity.unwrapFileKey(stanzas)
    },
  }))
}

function missing(what: string): never {
  throw new KeelError({
    code: 'identity',
    at: what,
    found: 'no private key there',
    why: 'decrypting a secret needs the private key of one of its readers; a key in an agent or a security key cannot decrypt',
    todo: 'name one with --identity FILE: an OpenSSH private key or an age identity file',
    exit: ExitCode.Usage,
  })
}
