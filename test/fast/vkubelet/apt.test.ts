import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loginText, makeAptFolders } from '../../../src/vkubelet/apt/apt-folders.ts'
import { readLogins } from '../../../src/vkubelet/apt/read-logins.ts'

const own = {
  name: 'own',
  uris: ['https://p.example/debian', 'http://q.example'],
  source: '/etc/keel/vkubelet/own.sources',
}

describe('what apt reads for one call', () => {
  test('are the sources of the inventory, and its logins for root alone', async () => {
    const folder = join(await mkdtemp(join(tmpdir(), 'keel-apt-')), 'apt')
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const logins = new Map([['own', { user: 'farm', password: 'hunter2' }]])
    for (const _ of ['first', 'again']) {
      const made = await makeAptFolders(folder, [own, { ...own, name: 'open' }], logins)
      expect(await readdir(made.sources)).toEqual(expect.arrayContaining(['keel-own.sources', 'keel-open.sources']))
      const login = join(made.logins, 'keel-own.conf')
      expect(await readFile(login, 'utf8')).toBe(
        'machine https://p.example/debian login farm password hunter2\nmachine http://q.example login farm password hunter2\n',
      )
      expect((await stat(login)).mode & 0o777).toBe(0o600)
      expect((await stat(made.logins)).mode & 0o777).toBe(0o700)
      expect(await readdir(made.logins)).not.toContain('keel-open.conf')
    }
  })

  test.each(['', 'a b', 'a\nmachine x', '\u0000'])('a password %j would be more than one word', (password) => {
    expect(() => loginText(['https://p.example'], { user: 'farm', password })).toThrow(
      'a password that apt cannot read',
    )
  })
})

describe('the logins of repositories', () => {
  test('are a credential of the unit', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keel-logins-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const { writeFile } = await import('node:fs/promises')
    await writeFile(join(folder, 'logins'), 'own:\n  user: farm\n  password: "12345"\n')
    expect(await readLogins(join(folder, 'logins'))).toEqual(new Map([['own', { user: 'farm', password: '12345' }]]))
    expect(await readLogins(undefined)).toEqual(new Map())
  })
})
