import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

/** A home of gpg with a key that has no passphrase. gpg's agent ends when the home is removed. */
export class GpgHome {
  readonly folder = mkdtempSync(join(tmpdir(), 'keel-gpg-'))
  readonly env = { GNUPGHOME: this.folder, PATH: process.env.PATH ?? '' }

  /** @returns the fingerprint */
  async makeKey(user: string): Promise<string> {
    const make = ['--batch', '--passphrase', '', '--status-fd', '1', '--quick-generate-key', user, 'ed25519', 'sign']
    const { stdout } = await this.gpg(...make)
    return /KEY_CREATED P ([0-9A-F]{40})/.exec(stdout)?.[1] ?? ''
  }

  gpg(...args: readonly string[]) {
    return execa('gpg', args, { env: this.env, extendEnv: false })
  }

  /** The public keys, as systemd's programs read them. */
  async keyring(...keys: readonly string[]): Promise<Uint8Array> {
    const { stdout } = await execa('gpg', ['--export', ...keys], {
      env: this.env,
      extendEnv: false,
      encoding: 'buffer',
    })
    return stdout
  }

  async end(): Promise<void> {
    await execa('gpgconf', ['--kill', 'all'], { env: this.env, extendEnv: false })
  }
}
