import { randomBytes } from 'node:crypto'
import { ExitCode, KeelError } from '../../errors.ts'
import type { Sha256 } from '../brands.ts'

/** The two passwords of k3s: servers join with one, agents with the other. */
export type TokenUser = 'server' | 'node'

/**
 * A k3s token as k3s reads it (docs/k3s.md, Tokens). `pinned`: `K10<hash>::<user>:<password>`. A node that joins with
 * it first checks the CA of the cluster. `unpinned`: the password alone, or an empty hash. A node joins without that
 * check. `oddity`: k3s accepts it, but in another way than its form suggests.
 */
export type Token =
  | { readonly kind: 'pinned'; readonly caHash: Sha256; readonly user: TokenUser; readonly password: string }
  | { readonly kind: 'unpinned'; readonly user?: TokenUser; readonly password: string; readonly oddity?: string }

const PASSWORD_BYTES = 32

/** A new token of 256 random bits, pinned to the CA. */
export function makeToken(caHash: Sha256, user: TokenUser): string {
  return printToken(caHash, user, randomBytes(PASSWORD_BYTES).toString('hex'))
}

function printToken(caHash: Sha256, user: TokenUser, password: string): string {
  return `K10${caHash}::${user}:${password}`
}

/**
 * Reads a token. Like k3s, it drops newlines at the end.
 * @throws KeelError `token` (exit 2) for a token that k3s refuses or misunderstands; never repeats any part of the
 * value
 */
export function parseToken(text: string): Token {
  const value = text.replace(/[\r\n]+$/, '')
  if (value === '') throw refused('an empty token', 'k3s would make its own token and found another cluster')
  if (/[^\x21-\x7e]/.test(value))
    throw refused('a token with white space or characters that are not ASCII', 'k3s accepts only one word')
  if (!value.startsWith('K10')) return checkPassword({ kind: 'unpinned', password: value, ...oddity(value) })
  const [, hash = '', user, password] = /^K10([^:]*)::([^:]*):(.*)$/.exec(value) ?? []
  if (password === undefined)
    throw refused('a token that starts with K10 and is not K10<hash>::<user>:<password>', 'k3s refuses it')
  if (user !== 'server' && user !== 'node')
    throw refused('a token for another user than server or node', 'k3s has no other user')
  if (hash === '') return checkPassword({ kind: 'unpinned', user, password, oddity: HASHLESS })
  if (!/^[0-9a-f]{64}$/.test(hash))
    throw refused('a token whose CA hash is not 64 hex digits', 'k3s refuses it: invalid token CA hash length')
  return checkPassword({ kind: 'pinned', caHash: hash as Sha256, user, password })
}

/** The hash of the CA that a text names as a token does, however good the token is otherwise. */
export function caHashOf(text: string): string | undefined {
  return /^K10([0-9a-f]{64})::/.exec(text)?.[1]
}

/** Whose password it has, by what it says itself. */
export function userOf(text: string): string | undefined {
  return /^K10[^:]*::([^:]*):/.exec(text)?.[1]
}

function checkPassword(token: Token): Token {
  if (token.password === '') throw refused('a token without a password', 'k3s would make its own password')
  // docs/k3s.md, Tokens: the first server starts with it, and then stops
  if (/^[a-z0-9]{6}\.[a-z0-9]{16}$/.test(token.password)) {
    throw refused(
      'a token in the form of kubeadm: 6 characters, a dot, 16 characters',
      'a k3s server starts with it and stops again',
    )
  }
  return token
}

/** docs/k3s.md, Tokens. */
const HASHLESS =
  'K10:: without a hash does not name the CA: a node that joins with it cannot tell a fake server from the real one'

function oddity(value: string): { oddity?: string } {
  if (!value.startsWith('K3S10')) return {}
  return {
    oddity:
      'K3S10… is not K10…: k3s uses the whole text, including K3S10, as the password, and a node that joins with it does not check the CA. A cluster that was started with it needs exactly the same text',
  }
}

function refused(found: string, why: string): KeelError {
  return new KeelError({
    code: 'token',
    found,
    why,
    todo: 'let keel create one, or give the value of a running server (server/token)',
    exit: ExitCode.Usage,
  })
}
