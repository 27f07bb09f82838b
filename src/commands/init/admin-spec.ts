import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { ExitCode, KeelError } from '../../errors.ts'
import { parseRecipient } from '../../model/keys/recipient.ts'
import type { Io } from '../shared/command.ts'

/** The place of the key that most people have. */
const DEFAULT_KEY = '.ssh/id_ed25519.pub'

/**
 * `name=KEY`, `name=FILE.pub`, or either of them without a name. Without one keel uses the login name.
 * @throws KeelError `admin-key` (exit 2) if the file can't be read; the errors of `parseRecipient`
 */
export async function parseAdminSpec(spec: string, io: Io): Promise<readonly [name: string, key: string]> {
  const [, name = loginName(), key = ''] = /^(?:([A-Za-z0-9][\w.@-]*)=)?(.*)$/s.exec(spec) ?? []
  const isKey = /^(ssh-|age1|sk-|ecdsa-)/.test(key)
  return [name, parseRecipient(isKey ? key : await readKey(resolve(io.cwd, key)))]
}

/** The caller's own key, if there is one. */
export async function defaultAdmin(io: Io): Promise<readonly [name: string, key: string] | undefined> {
  const { HOME } = io.env
  const text =
    HOME === undefined ? undefined : await readFile(resolve(HOME, DEFAULT_KEY), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : [loginName(), parseRecipient(text)]
}

async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new KeelError({
      code: 'admin-key',
      at: path,
      found: 'no readable public key',
      todo: "give --admin 'NAME=ssh-ed25519 AAAA…' or the path of a .pub file; to create a key run `ssh-keygen -t ed25519`",
      exit: ExitCode.Usage,
      cause,
    })
  }
}

function loginName(): string {
  return userInfo().username
}
