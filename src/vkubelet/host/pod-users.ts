import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { hasCode } from '../../errors.ts'
import { AtMost } from '../at-most.ts'

const run = promisify(execFile)
/** Two Pods may need an entry of the same number. */
const oneAtATime = new AtMost(1)
/** Milliseconds: another program may have /etc/passwd locked. */
const CALL = { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }, timeout: 20_000 } as const

/** Numbers of users, as /etc/passwd has them. */
export interface HostUsers {
  readonly known: ReadonlySet<number>
  /** Those that `addPodUser` has added. */
  readonly ofPods: ReadonlySet<number>
}

function nameOf(user: number): string {
  return `keel-pod-${user}`
}

/** @param passwd in the format of passwd(5) */
export function usersIn(passwd: string): HostUsers {
  const entries = passwd.split('\n').flatMap((line) => {
    const [name = '', , number = ''] = line.split(':')
    return /^\d+$/.test(number) ? [{ name, user: Number(number) }] : []
  })
  return {
    known: new Set(entries.map(({ user }) => user)),
    ofPods: new Set(entries.flatMap(({ name, user }) => (name === nameOf(user) ? [user] : []))),
  }
}

export async function hostUsers(): Promise<HostUsers> {
  return usersIn(await readFile('/etc/passwd', 'utf8'))
}

/**
 * Gives a number an entry in /etc/passwd, with the group of the same number; none where the host has one, also from
 * elsewhere (nsswitch.conf). Without an entry, systemd starts only one unit of a number at a time: the next one fails with
 * 217/USER (measured with 252; src/core/dynamic-user.c asks for the entry of a number that is in use).
 * @throws Error of the system, or the words of systemd-sysusers
 */
export function addPodUser(user: number): Promise<void> {
  return oneAtATime.run(() => addUnlessThere(user))
}

async function addUnlessThere(user: number): Promise<void> {
  if (await has('passwd', user)) return
  const numbers = (await has('group', user)) ? `${user}:${user}` : `${user}`
  await run('systemd-sysusers', ['--inline', `u ${nameOf(user)} ${numbers} "User of Pods (keel-vkubelet)"`], CALL)
}

/** Removes what `addPodUser` has added. @throws Error of the system, or the words of userdel: a process has the number still */
export async function removePodUser(user: number): Promise<void> {
  await run('userdel', [nameOf(user)], CALL)
}

async function has(database: 'passwd' | 'group', number: number): Promise<boolean> {
  try {
    await run('getent', [database, `${number}`], CALL)
    return true
  } catch (error) {
    // getent(1): the key is not there
    if (hasCode(error, '2')) return false
    throw error
  }
}
