import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hasCode } from '../errors.ts'

/** The texts of /etc/passwd, /etc/group and /etc/nsswitch.conf; undefined for one that is not there. */
export interface Accounts {
  readonly passwd: string | undefined
  readonly group: string | undefined
  readonly nsswitch: string | undefined
}

export function systemAccounts(): Accounts {
  return { passwd: textOf('/etc/passwd'), group: textOf('/etc/group'), nsswitch: textOf('/etc/nsswitch.conf') }
}

/**
 * Does a group contain only this user? Some distributions give each user a group of the same name, and with it a umask
 * of 002. False where that can't be known. Pure.
 */
export function isPrivateGroup(gid: number, uid: number, { passwd = '', group = '', nsswitch = '' }: Accounts): boolean {
  // a directory service may know more users, and more members; services that are not root run in root's group, and no
  // file says which
  if (!namesFilesAlone(nsswitch) || gid === 0) return false
  const users = rows(passwd).map(([name = '', , user, primary]) => ({ name, uid: Number(user), gid: Number(primary) }))
  const own = users.filter((one) => one.uid === uid).map(({ name }) => name)
  const groups = rows(group).filter(([, , number]) => Number(number) === gid)
  const isPrimary = users.some((one) => one.uid === uid && one.gid === gid)
  const isOthersPrimary = users.some((one) => one.uid !== uid && one.gid === gid)
  const isOwn = groups.every(
    // anybody who knows a group's password can join it
    ([name = '', password = '', , members = '']) =>
      own.includes(name) && /^[x!*]*$/.test(password) && members.split(',').every((one) => one === '' || own.includes(one)),
  )
  return groups.length > 0 && isPrimary && !isOthersPrimary && isOwn
}

/**
 * May users have been given more rights to a path, one by one? In the mode their greatest right takes the place of the
 * group's. Node can't ask for them, and of the programs that list files only GNU's surely shows them: true where it
 * can't be known.
 */
export function mayHaveAcl(path: string): boolean {
  const ls = (...args: readonly string[]) =>
    execFileSync('ls', args, { encoding: 'utf8', timeout: 5000, stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    return !ls('--version').includes('GNU coreutils') || !/^d[-rwxsStT]{9}\.? /.test(ls('-ld', '--', path))
  } catch {
    return true
  }
}

/** Users that systemd knows besides the files have numbers and groups of their own. */
function namesFilesAlone(nsswitch: string): boolean {
  const sources = nsswitch.split('\n').flatMap((line) => {
    const [, list = ''] = /^\s*(?:passwd|group|initgroups)\s*:([^#]*)/.exec(line) ?? []
    // what is in brackets says when to ask the next one
    return list.replace(/\[[^\]]*\]/g, ' ').split(/\s+/)
  })
  return sources.every((source) => ['', 'files', 'systemd', 'mymachines'].includes(source))
}

function rows(text: string): readonly (readonly string[])[] {
  return text.split('\n').flatMap((line) => (line === '' || line.startsWith('#') ? [] : [line.split(':')]))
}

/** In the place of a text that can't be read: no source of users that keel knows. */
const UNKNOWN = 'passwd: unknown'

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return hasCode(error, 'ENOENT') ? undefined : UNKNOWN
  }
}
