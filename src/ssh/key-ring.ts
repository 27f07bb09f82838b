import { homedir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type ParsedKey, type SigningRequestOptions } from 'ssh2'
import { ExitCode, hasCode, KeelError } from '../errors.ts'
import type { HiddenInput } from '../terminal/hidden-input.ts'
import { publicLine } from './host-key.ts'
import { type Identity, readIdentityFile } from './identity-file.ts'

/** The keys to log in with, in the order in which they are offered, and what was wrong with those left out. One for all hosts of a command. */
export interface KeyRing {
  readonly identities: readonly Identity[]
  readonly problems: readonly string[]
}

export interface KeySources extends HiddenInput {
  /** Files the user named: private keys, or a public key whose private half the agent holds. Absent: ~/.ssh/id_ed25519 and id_rsa where they exist. */
  readonly identities?: readonly string[] | undefined
}

/**
 * Gathers keys: files that were named, then the agent's (SSH_AUTH_SOCK), then the default files. Servers count attempts (MaxAuthTries, 6), so what
 * the user named comes first, and no key is offered twice: one that the agent holds too is signed for by the agent, which needs no passphrase.
 * @throws KeelError `identity` (exit 2) for a file that was named and can't be used
 */
export async function loadKeyRing(sources: KeySources): Promise<KeyRing> {
  const { env } = sources
  const problems: string[] = []
  const agent = await agentIdentities(env.SSH_AUTH_SOCK, problems)
  const held = new Map(agent.map((identity) => [identity.publicKey, identity]))
  const named: Identity[] = []
  for (const path of sources.identities ?? []) {
    const file = await readIdentityFile(path, sources).catch((cause) => ({ kind: 'unusable', why: reason(cause) }) as const)
    if (file.kind === 'identity') named.push(held.get(file.identity.publicKey) ?? file.identity)
    if (file.kind === 'unusable') throw unusable(path, file.why)
    if (file.kind === 'public') {
      const identity = held.get(file.publicKey)
      if (identity === undefined) throw unusable(path, 'a public key, and no agent holds its private half')
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
  for (const identity of [...named, ...agent, ...defaults]) {
    if (!ordered.has(identity.publicKey)) ordered.set(identity.publicKey, identity)
  }
  return { identities: [...ordered.values()], problems }
}

function defaultFiles(home: string): string[] {
  return ['id_ed25519', 'id_rsa'].map((name) => join(home, '.ssh', name))
}

/** FIDO keys and certificates are left out: ssh2 can't use them. */
async function agentIdentities(socket: string | undefined, problems: string[]): Promise<Identity[]> {
  if (socket === undefined || socket === '') return []
  const agent = new ssh2.OpenSSHAgent(socket)
  const keys = await new Promise<readonly ParsedKey[]>((resolve) => {
    agent.getIdentities((error, found) => {
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
