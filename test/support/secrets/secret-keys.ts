import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { bech32 } from '@scure/base'
import type { HostName, Recipient, SecretName } from '../../../src/model/brands.ts'
import type { Cluster, Reader, SecretRule } from '../../../src/model/cluster.ts'
import { parseRecipient } from '../../../src/model/keys/recipient.ts'
import { hybridRecipientText } from '../../../src/secrets/age/hybrid.ts'
import { x25519Key } from '../../../src/secrets/age/x25519.ts'
import type { AgeIdentity } from '../../../src/secrets/identity/identity.ts'
import { parseIdentities } from '../../../src/secrets/identity/parse-identities.ts'
import { sampleHost, sampleK3s } from '../samples/sample-cluster.ts'

export type KeyKind = 'ssh-ed25519' | 'ssh-rsa' | 'age1' | 'age1pq1'
/** The kinds of keys that every `age` program knows. */
export const keyKinds: readonly KeyKind[] = ['ssh-ed25519', 'ssh-rsa', 'age1']

export interface TestKey {
  readonly recipient: Recipient
  /** The text of its private key file. */
  readonly privateText: string
}

/** A new key pair, made without any program. */
export function newKey(kind: KeyKind): TestKey {
  if (kind === 'age1') return newAgeKey()
  if (kind === 'age1pq1') return newHybridKey()
  const { publicKey, privateKey } =
    kind === 'ssh-rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')
  return {
    recipient: parseRecipient(sshLine(publicKey)),
    privateText: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}

export async function identitiesOf(...keys: readonly TestKey[]): Promise<readonly AgeIdentity[]> {
  return (await Promise.all(keys.map(({ privateText }, index) => parseIdentities(privateText, `key ${index}`)))).flat()
}

function newAgeKey(): TestKey {
  const scalar = generateKeyPairSync('x25519').privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32)
  return {
    recipient: parseRecipient(bech32.encodeFromBytes('age', x25519Key(scalar).publicKey)),
    privateText: `# a comment\n${bech32.encodeFromBytes('AGE-SECRET-KEY-', scalar).toUpperCase()}\n`,
  }
}

function newHybridKey(): TestKey {
  const seed = randomBytes(32)
  return {
    recipient: parseRecipient(hybridRecipientText(seed)),
    privateText: `${bech32.encodeFromBytes('AGE-SECRET-KEY-PQ-', seed).toUpperCase()}\n`,
  }
}

/** The public key of a KeyObject in the form of ssh-keygen. */
export function sshLine(key: KeyObject): string {
  const { kty, x = '', e = '', n = '' } = key.export({ format: 'jwk' })
  const number = (text: string) => {
    const bytes = Buffer.from(text, 'base64url')
    return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes
  }
  return kty === 'RSA'
    ? blobLine('ssh-rsa', number(e), number(n))
    : blobLine('ssh-ed25519', Buffer.from(x, 'base64url'))
}

/** A public key line with any fields, also wrong ones. */
export function blobLine(type: string, ...fields: readonly Buffer[]): string {
  const wire = [Buffer.from(type), ...fields].map((bytes) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([length, bytes])
  })
  return `${type} ${Buffer.concat(wire).toString('base64')}`
}

export const admin = (name: string, { recipient }: TestKey): Reader => ({ kind: 'admin', name, key: recipient })
export const host = (name: string, { recipient }: TestKey): Reader => ({ kind: 'host', name, key: recipient })

export function rule(name: string, readers: readonly Reader[], more: Partial<SecretRule> = {}): SecretRule {
  return { name: name as SecretName, file: `secrets/${name}.age`, readers, armor: false, ...more }
}

/** A cluster with only what secrets need. */
export function clusterWith(secrets: readonly SecretRule[], readers: readonly Reader[] = []): Cluster {
  return {
    name: 'test',
    distribution: sampleK3s(),
    networks: { cluster: [], service: [], domain: 'cluster.local' },
    hosts: readers.filter(({ kind }) => kind === 'host').map(({ name, key }) => hostWith(name as HostName, key)),
    admins: readers.filter(({ kind }) => kind === 'admin'),
    secrets,
    warnings: [],
  }
}

function hostWith(name: HostName, key: Recipient): Cluster['hosts'][number] {
  return sampleHost({
    name,
    role: 'server',
    address: { user: 'root', host: '192.0.2.1', port: 22 },
    hostKey: key as Exclude<Cluster['hosts'][number]['hostKey'], undefined>,
  })
}

/** What `init` writes: the CA and both tokens. */
export function k3sRules(readers: readonly Reader[]): readonly SecretRule[] {
  return [
    rule('k3s-agent-token', readers, { generate: 'k3s-token' }),
    rule('k3s-server-ca-key', readers, { generate: 'k3s-ca' }),
    rule('k3s-server-token', readers, { generate: 'k3s-token' }),
  ]
}

export function run(program: string, args: readonly string[], input?: string | Uint8Array): Buffer {
  return execFileSync(program, args, {
    ...(input === undefined ? {} : { input }),
    stdio: ['pipe', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  })
}
