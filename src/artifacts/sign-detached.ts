import { open } from 'node:fs/promises'
import { execa } from 'execa'
import { KeelError } from '../errors.ts'
import type { Env } from './env.ts'

/**
 * Signs a file with the user's gpg, which may ask for the passphrase itself. The signature is detached and binary:
 * systemd's programs read no other.
 * @returns the fingerprint of the key that has signed
 * @throws KeelError `gpg`
 */
export async function signDetached(
  file: string,
  signature: string,
  { key, env, signal }: { readonly key: string | undefined; readonly env: Env; readonly signal: AbortSignal },
): Promise<string> {
  const user = key === undefined ? [] : ['--local-user', key]
  // the user's gpg.conf may ask for armour
  const args = ['--status-fd', '1', '--no-armor', ...user, '--output', signature, '--detach-sign', file]
  const { stdout, stderr, failed, code, message } = await execa('gpg', args, {
    env: { ...env },
    extendEnv: false,
    stdin: 'inherit',
    reject: false,
    cancelSignal: signal,
  })
  signal.throwIfAborted()
  const fingerprint = /^\[GNUPG:\] SIG_CREATED D .* ([0-9A-F]{40,64})$/m.exec(stdout)?.[1]
  if (!failed && fingerprint !== undefined && (await isBinary(signature))) return fingerprint
  const isMissing = code === 'ENOENT'
  throw new KeelError({
    code: 'gpg',
    at: file,
    found: isMissing ? 'the program gpg is not on PATH' : `gpg did not sign it:\n${lastLines(stderr || message || '')}`,
    why: 'systemd-sysupdate refuses a list of images without a valid signature',
    todo: isMissing ? 'install GnuPG' : '`gpg --list-secret-keys` lists your keys; name one with --key',
  })
}

/** The first bit of an OpenPGP packet is set (RFC 9580, section 4.2); no character of an armoured one has it. */
async function isBinary(file: string): Promise<boolean> {
  await using handle = await open(file)
  const first = Buffer.alloc(1)
  await handle.read(first, 0, 1, 0)
  return (first[0] ?? 0) >= 0x80
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-4).join('\n')
}
