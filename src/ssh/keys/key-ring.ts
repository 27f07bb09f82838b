import { homedir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type ParsedKey, type SigningRequestOptions } from 'ssh2'
import { ExitCode, hasCode, KeelError } from '../../errors.ts'
import type { HiddenInput } from '../../terminal/hidden-input.ts'
import { publicLine } from './host-key.ts'
import { type Identity, readIdentityFile } from './identity-file.ts'

/**
 * The keys for the login, in the order in which keel offers them, and why others were left out. One for all hosts of a
 * command.
 */
export interface KeyRing {
  readonly identities: readonly Identity[]
  readonly problems: readonly string[]
}

export interface KeySources extends HiddenInput {
  /**
   * Files that the user named: private keys, or a public key whose private half the agent has. Absent:
   * ~/.ssh/id_ed25519 and id_rsa, if they exist.
   */
  readonly identities?: readonly string[] | undefined
  /** Public keys of the inventory's admins, which can most probably log in. */
  readonly admins?: readonly string[]
}

/** OpenSSH's MaxAuthTries: after this number of unknown keys, sshd ends the connection. */
const MOST_TRIES = 6

/**
 * Collects keys: the named files, then the keys of the inventory's admins, then the other keys of the agent
 * (SSH_AUTH_SOCK), then the default files. Servers count attempts, so known keys come first, and keel offers no key
 * twice. If the agent also has a key, the agent signs, because that needs no passphrase. After the key of an admin come
 * only as many other keys as sshd accepts attempts.
 * @throws KeelError `identity` (exit 2) for a named file that can't be used
 */
export async function loadKeyRing(sources: KeySources): Promise<KeyRing> {
  const { env } = sources
  const problems: string[] = []
  const agent = await agentIdentities(env.SSH_AUTH_SOCK, problems, sources.signal)
  const held = new Map(agent.map((identity) => [identity.publicKey, identity]))
  const named: Identity[] = []
  for (const path of sources.identities ?? []) {
    const file = await readIdentityFile(path, sources).catch(
      (cause) => ({ kind: 'unusable', why: reason(cause) }) as const,
    )
    if (file.kind === 'identity') named.push(held.get(file.identity.publicKey) ?? file.identity)
    if (file.kind === 'unusable') throw unusable(path, file.why)
    if (file.kind === 'public') {
      const identity = held.get(file.publicKey)
      if (identity === undefined) throw unusable(path, 'a public key, and no agent has its private half')
      named.push(identity)
    }
  }
  const defaults: Identity[] = []
  for (const path of sources.identities === undefined ? defaultFiles(env.HOME ?? homedir()) : []) {
    const file = await readIdentityFile(path, sources).catch((error) => {
      if (hasCode(error, 'ENOENT')) return undefined
      return { kind: 'unusable', why: reason(error) } as const
    })
    if (file?.kind === 'identity') defaults.push(file.identity)
    if (file?.kind === 'unusable') problems.push(`${path}: ${file.why}`)
  }
  const ordered = new Map<string, Identity>()
  const others = [...agent, ...defaults]
  const known = others.filter(({ publicKey }) => sources.admins?.includes(publicKey))
  for (const identity of [...named, ...known, ...others]) {
    if (!ordered.has(identity.publicKey)) ordered.set(identity.publicKey, identity)
  }
  const identities = [...ordered.values()]
  const most = known.length === 0 ? identities.length : Math.max(MOST_TRIES, named.length + known.length)
  const left = identities.length - most
  if (left > 0) problems.push(`keel did not offer ${left} more keys, because they belong to no admin of the inventory`)
  return { identities: identities.slice(0, most), problems }
}

/** The folder of the user's own keys. */
export function defaultFiles(home: string): readonly string[] {
  return ['id_ed25519', 'id_rsa'].map((name) => join(home, '.ssh', name))
}

/** Milliseconds for listing keys, which needs no answer from a person. */
const AGENT_MS = 5000

/** FIDO keys and certificates are left out: ssh2 can't use them. */
async function agentIdentities(
  socket: string | undefined,
  problems: string[],
  signal: AbortSignal | undefined,
): Promise<Identity[]> {
  if (socket === undefined || socket === '') return []
  const agent = new ssh2.OpenSSHAgent(socket)
  const keys = await new Promise<readonly ParsedKey[]>((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
    const late = setTimeout(() => {
      problems.push(`the agent at SSH_AUTH_SOCK=${socket} does not answer`)
      resolve([])
    }, AGENT_MS)
    agent.getIdentities((error, found) => {
      clearTimeout(late)
      if (error) problems.push(`no agent answers at SSH_AUTH_SOCK=${socket}`)
      resolve((found ?? []).flatMap((key) => (isParsed(key) ? [key] : [])))
    })
  })
  return keys.map((key) => ({
    publicKey: publicLine(key.getPublicSSH()),
    from: `ssh-agent (${key.comment})`,
    sign: (bytes, hash) =>
      new Promise((resolve, reject) => {
        const options: SigningRequestOptions = hash === 'sha256' || hash === 'sha512' ? { hash } : {}
        agent.sign(key, bytes, options, (error, signature) => {
          if (signature === undefined) reject(error ?? new Error('the agent would not sign'))
          else resolve(signature)
        })
      }),
  }))
}

function isParsed(key: unknown): key is ParsedKey {
  return typeof key === 'object' && key !== null && 'getPublicSSH' in key
}

function reason(error: unknown): string {
  if (hasCode(error, 'ENOENT')) return 'no such file'
  return error instanceof Error && 'code' in error ? `can’t be read (${String(error.code)})` : String(error)
}

function unusable(path: string, why: string): KeelError {
  return new KeelError({
    code: 'identity',
    at: path,
    found: why,
    todo: 'name an OpenSSH private key that can be read',
    exit: ExitCode.Usage,
  })
}
