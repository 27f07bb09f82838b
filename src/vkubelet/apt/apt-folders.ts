import { mkdir, readdir, rm, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { writeAtomically } from '../host/write-atomically.ts'
import type { AptFolders } from '../images/apt-words.ts'

export interface Source {
  readonly name: string
  readonly uris: readonly string[]
  /** Its file for apt. */
  readonly source: string
}

export interface Login {
  readonly user: string
  readonly password: string
}

const OWN = { sources: '/etc/apt/sources.list.d', logins: '/etc/apt/auth.conf.d' }

/**
 * What apt reads for one call: what the host has itself, and the repositories of the inventory. On a file system in
 * memory, for root alone: the logins are there in clear text.
 * @param folder that is made anew
 */
export async function makeAptFolders(
  folder: string,
  repositories: readonly Source[],
  logins: ReadonlyMap<string, Login>,
): Promise<AptFolders> {
  const made = { sources: join(folder, 'sources.list.d'), logins: join(folder, 'auth.conf.d') }
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o755 })
  await mkdir(made.sources, { mode: 0o755 })
  await mkdir(made.logins, { mode: 0o700 })
  for (const kind of ['sources', 'logins'] as const)
    for (const name of await namesIn(OWN[kind])) await symlink(join(OWN[kind], name), join(made[kind], name))
  for (const { name, source } of repositories)
    await symlink(source, join(made.sources, `keel-${basename(name)}.sources`))
  for (const { name, uris } of repositories) {
    const login = logins.get(name)
    if (login !== undefined)
      await writeAtomically(join(made.logins, `keel-${basename(name)}.conf`), loginText(uris, login), 0o600)
  }
  return made
}

/**
 * apt_auth.conf(5). With the scheme, so that a login for https never goes out in clear text; apt reads words, so a
 * password with a blank cannot be written.
 * @throws Error for such a password
 */
export function loginText(uris: readonly string[], { user, password }: Login): string {
  if (/[\s\p{Cc}]/u.test(password) || password === '')
    throw new Error('a password that apt cannot read: it has a blank')
  return uris.map((uri) => `machine ${uri} login ${user} password ${password}\n`).join('')
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => [])
}
