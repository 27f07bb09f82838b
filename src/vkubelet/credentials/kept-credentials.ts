import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Credential, credentialAt, parsedCredential, type Unusable } from '../../agent/identity/credential.ts'
import { keepPair, type Pair } from '../../agent/operational/keep-pair.ts'
import type { TlsIdentity } from '../../agent/server/tls-options.ts'
import { hasCode } from '../../errors.ts'
import { readCertificate } from '../../model/keys/read-certificate.ts'
import { writeAtomically } from '../host/write-atomically.ts'

/** The certificates of the Node. */
export type Kind = 'client' | 'serving'

interface PairPaths {
  readonly certificate: string
  readonly key: string
}

/** Where they are: in folders that only root can enter. */
export interface CredentialPaths {
  readonly client: PairPaths
  readonly serving: PairPaths
  /** The CA of those who may ask this Node. */
  readonly clientCa: string
}

/** The certificates of the Node and the CA of its clients: on the disk, and as they are now. */
export class KeptCredentials {
  readonly #paths: CredentialPaths
  readonly #found = new Map<Kind, Credential | Unusable>()
  #clientCa: string | undefined

  constructor(paths: CredentialPaths) {
    this.#paths = paths
  }

  /** @throws Error of the system */
  async read(): Promise<void> {
    for (const path of [this.#paths.client.certificate, this.#paths.serving.certificate, this.#paths.clientCa])
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    for (const kind of ['client', 'serving'] as const) {
      const { certificate, key } = this.#paths[kind]
      this.#found.set(kind, parsedCredential(await textAt(certificate), await textAt(key)))
    }
    const ca = await textAt(this.#paths.clientCa)
    this.#clientCa = ca !== undefined && readCertificate(ca)?.ca === true ? ca : undefined
  }

  get(kind: Kind): Credential | Unusable {
    return credentialAt(this.#found.get(kind) ?? 'missing', Date.now())
  }

  /** What to serve with now. */
  get identity(): TlsIdentity {
    const serving = this.get('serving')
    return {
      ...(typeof serving === 'string' ? {} : { serving: { credential: serving } }),
      ...(this.#clientCa === undefined ? {} : { clientCa: this.#clientCa }),
    }
  }

  get hasClientCa(): boolean {
    return this.#clientCa !== undefined
  }

  /** @throws Error of the system, with what was there before still in its place */
  async keep(kind: Kind, pair: Pair): Promise<void> {
    await keepPair(this.#paths[kind], pair)
    this.#found.set(kind, parsedCredential(pair.certificate, pair.key))
  }

  /** @throws Error of the system */
  async keepClientCa(pem: string): Promise<void> {
    if (pem === this.#clientCa) return
    await writeAtomically(this.#paths.clientCa, pem, 0o600)
    this.#clientCa = pem
  }
}

async function textAt(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
