import { randomInt } from 'node:crypto'
import type { Access } from '../../model/distribution/access.ts'
import { sh } from '../../templates/shell-quote.ts'

/** A bootstrap token of Kubernetes: its id is no secret. */
export interface BootstrapToken {
  readonly id: string
  readonly secret: string
}

/** Its length of life, in minutes: it is deleted once its host has joined, and this is for when nobody can. */
const LIVES = 15
/** What the server puts its own time in place of, as it may differ from that of this machine. */
const EXPIRATION = '@EXPIRATION@'
const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

export function newBootstrapToken(): BootstrapToken {
  return { id: randomWord(6), secret: randomWord(16) }
}

/** As kubeadm reads it. Secret. */
export function tokenText({ id, secret }: BootstrapToken): string {
  return `${id}.${secret}`
}

/**
 * Runs on a server, and reads the token's Secret as one line (`tokenSecret`). It is for one node, and may do what the
 * tokens of `kubeadm token create` may.
 */
export function letInScript({ kubectl }: Access): string {
  return sh`set -e
IFS= read -r secret
until=$(date -u -d ${`+${LIVES} minutes`} +%Y-%m-%dT%H:%M:%SZ)
printf '%s\n' "\${secret/${EXPIRATION}/$until}" | ${kubectl} create --request-timeout=30s --filename=- >/dev/null`
}

/**
 * The token as Kubernetes keeps it, in one line of JSON. Secret. Source: kubernetes.io, "Authenticating with Bootstrap
 * Tokens"; the group is the one that `kubeadm init` gives the rights of a new node.
 */
export function tokenSecret({ id, secret }: BootstrapToken, node: string): string {
  return `${JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secretName(id), namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      description: `keel deploy ${node}`,
      'token-id': id,
      'token-secret': secret,
      expiration: EXPIRATION,
      'usage-bootstrap-authentication': 'true',
      'usage-bootstrap-signing': 'true',
      'auth-extra-groups': 'system:bootstrappers:kubeadm:default-node-token',
    },
  })}\n`
}

/** Runs on a server: the token lets nobody in any more. */
export function revokeScript({ kubectl }: Access, { id }: Pick<BootstrapToken, 'id'>): string {
  return sh`${kubectl} --namespace=kube-system delete secret --ignore-not-found --request-timeout=10s -- ${secretName(id)}`
}

function secretName(id: string): string {
  return `bootstrap-token-${id}`
}

function randomWord(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
}
