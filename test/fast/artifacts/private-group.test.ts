import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkOwnFolder } from '../../../src/artifacts/own-folder.ts'
import { type Accounts, isPrivateGroup, mayHaveAcl } from '../../../src/artifacts/private-group.ts'

const ALONE: Accounts = {
  passwd:
    'root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000:Ada,,,:/home/ada:/bin/bash\nbob:x:1001:1001::/home/bob:/bin/sh\n',
  group: 'root:x:0:\nada:x:1000:\nbob:x:1001:\nstaff:x:50:ada,bob\n',
  nsswitch: 'passwd:         files systemd\ngroup: files systemd # and no more\nhosts: files dns\n',
}

describe('the group of a folder that a group can write', () => {
  test('is root’s, in which services run', () => {
    expect(isPrivateGroup(0, 0, ALONE)).toBe(false)
  })

  test.each<[what: string, accounts: Partial<Accounts>, isPrivate: boolean]>([
    ['is the user’s own', {}, true],
    ['has the user as its member as well', { group: 'ada:x:1000:ada\n' }, true],
    ['is the user’s own, of two names', { passwd: `${ALONE.passwd}ada2:x:1000:1000::/:/bin/sh\n` }, true],
    ['has another member', { group: 'ada:x:1000:bob\n' }, false],
    ['has another member in a second line', { group: 'ada:x:1000:\nada:x:1000:bob\n' }, false],
    ['has a second name', { group: 'ada:x:1000:\nfriends:x:1000:\n' }, false],
    ['is the primary group of another user, too', { passwd: `${ALONE.passwd}eve:x:1002:1000::/:/bin/sh\n` }, false],
    ['has another name than the user', { group: 'users:x:1000:\n' }, false],
    ['is not the user’s primary one', { passwd: 'ada:x:1000:100::/home/ada:/bin/bash\n' }, false],
    ['has a password', { group: 'ada:$6$salt$hash:1000:\n' }, false],
    ['is in no file', { group: 'root:x:0:\n' }, false],
    ['is of a user in no file', { passwd: 'root:x:0:0::/root:/bin/bash\n' }, false],
    ['may have members in a directory', { nsswitch: 'passwd: files\ngroup: files sss\n' }, false],
    ['may be of users in a directory', { nsswitch: 'passwd: files ldap [NOTFOUND=return]\n' }, false],
    ['may have more members at login', { nsswitch: 'initgroups: winbind\n' }, false],
    [
      'is on NixOS',
      {
        nsswitch: 'passwd: files mymachines systemd\ngroup: files [success=merge] mymachines [success=merge] systemd\n',
      },
      true,
    ],
    ['is on a machine whose nsswitch.conf can’t be read', { nsswitch: 'passwd: unknown' }, false],
    ['is on a machine without nsswitch.conf', { nsswitch: undefined }, true],
    ['is on a machine without these files', { passwd: undefined, group: undefined }, false],
  ])('%s', (_what, accounts, isPrivate) =>
    expect(isPrivateGroup(1000, 1000, { ...ALONE, ...accounts })).toBe(isPrivate),
  )
})

/** A folder that its group can write, in a folder of mode 0755. */
function folder(mode = 0o775): string {
  const root = mkdtempSync(join(tmpdir(), 'keel-group-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  chmodSync(root, 0o755)
  const path = join(root, 'cache')
  mkdirSync(path)
  if (process.getuid?.() === 0) chownSync(path, 0, 4711)
  chmodSync(path, mode)
  return path
}

/** This test's own user, as one of a distribution with private groups. */
function accountsOf(path: string, members = ''): () => Accounts {
  const { uid, gid } = statSync(path)
  return () => ({ passwd: `me:x:${uid}:${gid}::/:/bin/sh\n`, group: `me:x:${gid}:${members}\n`, nsswitch: undefined })
}

const check = (path: string, accounts: () => Accounts) =>
  checkOwnFolder({ path: join(path, 'keel'), variable: 'XDG_CACHE_HOME' }, accounts)
const refusal = { code: 'folder-of-others', found: 'others can write to it (mode 775)' }

test('a cache that only the user’s own group can write is used', () => {
  const path = folder()
  expect(() => check(path, accountsOf(path))).not.toThrow()
})

test('attack 8: a cache that the group of another user can write is refused', () => {
  const path = folder()
  expect(() => check(path, accountsOf(path, 'eve'))).toThrow(expect.objectContaining({ ...refusal, at: path }))
})

test('attack 8: one that everybody can write is refused, whatever the group', () => {
  const path = folder(0o777)
  expect(() => check(path, accountsOf(path))).toThrow(expect.objectContaining({ code: 'folder-of-others' }))
})

describe('rights that were given to users one by one', () => {
  /** `ls` as a distribution has it, answering this. */
  function withLs(version: string, line: string): void {
    const bin = mkdtempSync(join(tmpdir(), 'keel-ls-'))
    writeFileSync(join(bin, 'ls'), `#!/bin/sh\ncase $1 in --version) echo '${version}';; *) echo '${line}';; esac\n`, {
      mode: 0o755,
    })
    const path = process.env.PATH
    process.env.PATH = `${bin}:${path}`
    onTestFinished(() => {
      process.env.PATH = path
      rmSync(bin, { recursive: true })
    })
  }

  test.each<[what: string, version: string, line: string, may: boolean]>([
    ['none', 'ls (GNU coreutils) 9.1', 'drwxrwxr-x 2 me me 40 Nov 28 23:00 x', false],
    ['none, on a machine with SELinux', 'ls (GNU coreutils) 9.1', 'drwxrwsr-x. 2 me me 40 Nov 28 23:00 x', false],
    ['some', 'ls (GNU coreutils) 9.1', 'drwxrwxr-x+ 2 me me 40 Nov 28 23:00 x', true],
    ['what another ls does not show', 'BusyBox v1.36', 'drwxrwxr-x 2 me me 40 Nov 28 23:00 x', true],
    ['no answer', 'ls (GNU coreutils) 9.1', '', true],
  ])('%s', (_what, version, line, may) => {
    withLs(version, line)
    expect(mayHaveAcl('/x')).toBe(may)
  })

  test('a real folder has none', () => expect(mayHaveAcl(folder())).toBe(false))

  test('attack 8: a cache of the user’s own group with some is refused', () => {
    const path = folder()
    withLs('ls (GNU coreutils) 9.1', 'drwxrwxr-x+ 2 me me 40 Nov 28 23:00 x')
    expect(() => check(path, accountsOf(path))).toThrow(expect.objectContaining(refusal))
  })
})
