import { readFile, writeFile } from 'node:fs/promises'
import ssh2 from 'ssh2'
import { ExitCode, KeelError } from '../../errors.ts'
import { parseSshPublicKey } from '../../model/keys/ssh-key.ts'

export interface KeyPair {
  readonly private: string
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly public: string
}

/**
 * Creates an ssh-ed25519 key. ssh2 1.17 drops a leading zero byte of the public half (31 of 7,000 keys had 31 bytes).
 * keel creates such a key again.
 */
export function generateKeyPair(): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519')
    const line = withoutComment(pair.public)
    if (isWellFormed(line)) return { private: pair.private, public: line }
  }
}

function isWellFormed(line: string): boolean {
  try {
    parseSshPublicKey(line)
    return true
  } catch (error) {
    if (error instanceof KeelError) return false
    throw error
  }
}

/**
 * The key that the hosts of the lab accept: the one of the user (the file of a private key, with its `.pub` beside it),
 * or a new one at `own`.
 * @throws KeelError `lab-identity` (exit 2)
 */
export async function labIdentity(
  named: string | undefined,
  own: string,
): Promise<{ readonly path: string; readonly public: string }> {
  if (named === undefined) {
    const pair = generateKeyPair()
    await writeFile(own, pair.private, { mode: 0o600 })
    await writeFile(`${own}.pub`, `${pair.public} lab\n`)
    return { path: own, public: pair.public }
  }
  const text = await readFile(`${named}.pub`, 'utf8').catch((cause: unknown) => {
    throw new KeelError({
      code: 'lab-identity',
      at: `${named}.pub`,
      found: "keel can't read this public key",
      why: "the lab's hosts must know it before they boot",
      todo: `run \`ssh-keygen -y -f ${named} > ${named}.pub\`, or omit --identity, and the lab creates its own key`,
      exit: ExitCode.Usage,
      cause,
    })
  })
  return { path: named, public: withoutComment(text) }
}

function withoutComment(line: string): string {
  return line.trim().split(/\s+/).slice(0, 2).join(' ')
}
