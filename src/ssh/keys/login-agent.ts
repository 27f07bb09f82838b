import ssh2, { type IdentityCallback, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2'
import { KeelError } from '../../errors.ts'
import { publicLine } from './host-key.ts'
import type { Identity } from './identity-file.ts'
import type { KeyRing } from './key-ring.ts'

/**
 * A key ring that ssh2 uses like an agent. ssh2 asks the host about each public key before it needs a signature. So
 * keel asks for a passphrase only if the host would accept the key. Keys in files and in the agent are treated alike.
 */
export class LoginAgent extends ssh2.BaseAgent<string> {
  readonly #ring: KeyRing
  readonly #whileAsking: { hold(): void; restart(): void }
  #offered = 0
  #accepted: Identity | undefined
  #failure: KeelError | undefined

  /** `whileAsking` is called around a signature, because a person may be typing a passphrase, or touching a token. */
  constructor(ring: KeyRing, whileAsking: { hold(): void; restart(): void }) {
    super()
    this.#ring = ring
    this.#whileAsking = whileAsking
  }

  /** The keys that keel has offered to the host. */
  get offered(): readonly Identity[] {
    return this.#ring.identities.slice(0, this.#offered)
  }

  /** The keys that keel has not offered. */
  get left(): readonly Identity[] {
    return this.#ring.identities.slice(this.#offered)
  }

  /** The last key that the host would have accepted. */
  get accepted(): Identity | undefined {
    return this.#accepted
  }

  /** Why the key that the host accepts can't be used. The user must see this reason instead of "login refused". */
  get failure(): KeelError | undefined {
    return this.#failure
  }

  /** One key at a time, so that keel knows which keys it has offered when the host ends the login. */
  override getIdentities(callback: IdentityCallback<string>): void {
    const next = this.left.slice(0, 1)
    this.#offered += next.length
    callback(
      null,
      next.map(({ publicKey }) => publicKey),
    )
  }

  override sign(
    key: ParsedKey | string,
    bytes: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    const callback = typeof options === 'function' ? options : done
    const hash = typeof options === 'function' ? undefined : options.hash
    const publicKey = typeof key === 'string' ? key : publicLine(key.getPublicSSH())
    this.#sign(publicKey, bytes, hash).then(
      (signature) => callback?.(null, signature),
      (error: Error) => callback?.(error),
    )
  }

  async #sign(publicKey: string, bytes: Buffer, hash: string | undefined): Promise<Buffer> {
    const identity = this.#ring.identities.find((candidate) => candidate.publicKey === publicKey)
    if (identity === undefined) throw new Error(`a signature is wanted by an unknown key, ${publicKey}`)
    this.#accepted = identity
    this.#whileAsking.hold()
    try {
      return await identity.sign(bytes, hash)
    } catch (error) {
      if (error instanceof KeelError) this.#failure = error
      throw error
    } finally {
      this.#whileAsking.restart()
    }
  }
}
