import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hasCode } from '../errors.ts'

/** The texts of /etc/passwd, /etc/group and /etc/nsswitch.conf; undefined for a missing one. */
export interface Accounts {
  readonly passwd: string | undefined
  readonly group: string | undefined
  readonly nsswitch: string | undefined
}

export function systemAccounts(): Accounts {
  return { passwd: textOf('/etc/passwd'), group: textOf('/etc/group'), nsswitch: textOf('/etc/nsswitch.conf') }
}

/**
 * Whether a group contains only this user. Some distributions give each user a group of the same name, and a umask of
 * 002. False if this is not certain. Pure.
 */
export function isPrivateGroup(
  gid: number,
  uid: number,
  { passwd = '', group = '', nsswitch = '' }: Accounts,
): boolean {
  // a directory service may know more users and more members; services that are not root run in the group of root, and
  // no file lists them
  if (!namesFilesAlone(nsswitch) || gid === 0) return false
  const users = rows(passwd).map(([name = '', , user, primary]) => ({ name, uid: Number(user), gid: Number(primary) }))
  const own = users.filter((one) => one.uid === uid).map(({ name }) => name)
  const groups = rows(group).filter(([, , number]) => Number(number) === gid)
  const isPrimary = users.some((one) => one.uid === uid && one.gid === gid)
  const isOthersPrimary = users.some((one) => one.uid !== uid && one.gid === gid)
  const isOwn = groups.every(
    // anybody who knows a group's password can join it
    ([name = '', password = '', , members = '']) =>
      own.includes(name) &&
      /^[x!*]*$/.test(password) &&
      members.split(',').every((one) => one === '' || own.includes(one)),
  )
  return groups.length > 0 && isPrimary && !isOthersPrimary && isOwn
}

/**
 * Whether single users may have more rights to a path. The mode then shows their greatest right instead of the group's.
 * Node can't read such rights, and of the programs that list files only GNU's certainly shows them. True if this is not
 * certain.
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

/** Users that systemd knows in addition to the files have their own numbers and groups. */
function namesFilesAlone(nsswitch: string): boolean {
  const sources = nsswitch.split('\n').flatMap((line) => {
    const [, list = ''] = /^\s*(?:passwd|group|initgroups)\s*:([^#]*)/.exec(line) ?? []
    // the part in brackets says when to ask the next source
    return list.replace(/\[[^\]]*\]/g, ' ').split(/\s+/)
  })
  return sources.every((source) => ['', 'files', 'systemd', 'mymachines'].includes(source))
}

function rows(text: string): readonly (readonly string[])[] {
  return text.split('\n').flatMap((line) => (line === '' || line.startsWith('#') ? [] : [line.split(':')]))
}

/** Takes the place of a text that can't be read: a source of users that keel does not know. */
const UNKNOWN = 'passwd: unknown'

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return hasCode(error, 'ENOENT') ? undefined : UNKNOWN
  }
}
